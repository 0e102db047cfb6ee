"""What a registered CLIP or DINO sees in a picture: once per picture and model."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0007_picture_light"),
        ("media", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PictureSense",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("manifest", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("vector", models.JSONField()),
                (
                    "artefact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="media.artefact"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("artefact", "manifest"), name="picture_sense_once")],
            },
        ),
    ]

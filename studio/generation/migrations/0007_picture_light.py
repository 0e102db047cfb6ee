"""The light in a picture, measured once: what the draw table ranks by."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0006_places_and_library"),
        ("media", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PictureLight",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("whose", models.CharField(choices=[("scene", "background"), ("actor", "actor")], max_length=5)),
                ("version", models.PositiveIntegerField()),
                ("light", models.JSONField(default=dict)),
                (
                    "artefact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="media.artefact"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("artefact", "whose"), name="picture_light_once")],
            },
        ),
    ]

"""The books: one hash chain per production, append-only (a trigger refuses UPDATE, DELETE and TRUNCATE)."""

from django.db import models


class Chain(models.Model):
    """The head of one production's chain; the row is the lock that serialises appends."""

    production_id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"#{self.seq} {self.head[:12]}"


class Entry(models.Model):
    """Who did what to what, made from which digests, at what cost."""

    production_id = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    subject_code = models.CharField(max_length=80, blank=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    made_from = models.JSONField(default=list)
    cost_minor = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["production_id", "seq"], name="ledger_one_seq")]
        indexes = [
            models.Index(fields=["production_id", "subject_type", "subject_id"], name="ledger_subject"),
            models.Index(fields=["production_id", "verb"], name="ledger_verb"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"#{self.seq} {self.verb} {self.subject_code}"

    def payload(self) -> dict[str, object]:
        """What is hashed: everything but the hash itself."""
        return {
            "production": str(self.production_id),
            "seq": self.seq,
            "at": self.at.isoformat(),
            "verb": self.verb,
            "subject": [self.subject_type, self.subject_id, self.subject_code],
            "actor": [str(self.actor_id) if self.actor_id else "", self.actor_name],
            "made_from": self.made_from,
            "cost_minor": self.cost_minor,
            "data": self.data,
        }

    def change(self) -> dict[str, object]:
        """What an open page is told: names and the ledger id, no content."""
        return {
            "id": self.pk,
            "verb": self.verb,
            "subject": self.subject_type,
            "key": self.subject_id,
            "code": self.subject_code,
        }

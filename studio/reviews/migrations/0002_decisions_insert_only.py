"""A decision, once made, stays: the database refuses to change or remove it."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER decision_rows BEFORE UPDATE OR DELETE ON reviews_decision
  FOR EACH ROW EXECUTE FUNCTION huo_refuse_change();
CREATE TRIGGER decision_table BEFORE TRUNCATE ON reviews_decision
  FOR EACH STATEMENT EXECUTE FUNCTION huo_refuse_change();
"""
BACKWARD = """
DROP TRIGGER decision_table ON reviews_decision;
DROP TRIGGER decision_rows ON reviews_decision;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial"), ("ledger", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

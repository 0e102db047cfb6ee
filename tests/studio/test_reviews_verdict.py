from studio.reviews.verdict import Outcome, Ruling, layer_outcome, version_outcome


def said(*words: str) -> Outcome:
    """`said("dan director approve", "kai compliance veto")`, oldest first."""
    return version_outcome(Ruling(*word.split()) for word in words)


def test_nothing_said_waits():
    assert said() is Outcome.WAITING
    assert Outcome.WAITING.version_state == "in_review"


def test_producer_or_director_settles():
    assert said("dan director approve") is Outcome.APPROVED
    assert said("priya producer approve") is Outcome.APPROVED
    assert said("dan director changes") is Outcome.CHANGES


def test_one_settler_asking_for_changes_outweighs_the_other():
    assert said("dan director approve", "priya producer changes") is Outcome.CHANGES
    assert said("priya producer changes", "dan director approve") is Outcome.CHANGES


def test_the_last_word_of_each_person_counts():
    assert said("dan director changes", "dan director approve") is Outcome.APPROVED
    assert said("dan director approve", "dan director changes") is Outcome.CHANGES


def test_first_look_is_recorded_and_settles_nothing():
    assert said("vera vfx_supervisor approve") is Outcome.FIRST_LOOK
    assert Outcome.FIRST_LOOK.version_state == "in_review"
    assert said("vera vfx_supervisor changes") is Outcome.CHANGES
    assert said("vera vfx_supervisor changes", "dan director approve") is Outcome.APPROVED


def test_a_guest_advises():
    assert said("gus guest approve") is Outcome.WAITING
    assert said("gus guest changes") is Outcome.CHANGES
    assert said("dan director approve", "gus guest changes") is Outcome.APPROVED


def test_a_veto_blocks_until_compliance_lifts_it():
    assert said("kai compliance veto", "dan director approve", "priya producer approve") is Outcome.VETOED
    assert said("dan director approve", "kai compliance veto") is Outcome.VETOED
    assert Outcome.VETOED.version_state == "changes"
    assert said("dan director approve", "kai compliance veto", "kim compliance approve") is Outcome.APPROVED
    assert said("kai compliance veto", "kai compliance approve") is Outcome.WAITING


def test_a_layers_last_word_stands():
    assert layer_outcome([]) == ""
    assert layer_outcome(["approve", "changes"]) == "changes"
    assert layer_outcome(["changes", "approve"]) == "approve"

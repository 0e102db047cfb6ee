"""Chinese everywhere: pages and sentences in the reader's language, names and notes of any letters kept whole."""

import csv
import io

import pytest
from django.utils.translation import override

from compositing.errors import Refused
from studio.core.engine_sentences import sentence
from studio.core.rewording import pieces, reworded
from studio.footage.models import Take
from studio.jobs.models import Job
from studio.media import receivers, services, storage
from studio.media.models import Upload
from studio.pipeline import verbs
from studio.productions import layers
from studio.productions import services as productions
from studio.reviews import services as reviews
from tests.cast import make_cast
from tests.factories import make_shot, make_version

pytestmark = pytest.mark.django_db
BOM = b"\xef\xbb\xbf"  # without it a spreadsheet takes the text for another encoding
RARE = "𠮷野家的灯🎬太亮了"  # characters of four bytes


@pytest.fixture
def shot():
    return make_shot(title="雨夜重逢")


@pytest.fixture
def cast(shot):
    return make_cast(shot.production)


def in_chinese(client, user):
    client.force_login(user)
    client.post("/me/language/", {"language": "zh-hans", "next": "/"})
    return client


def test_a_page_speaks_the_language_its_reader_chose(client, shot, cast):
    address = f"/p/{shot.production.slug}/{shot.scene.episode.code}/"
    client.force_login(cast.dan)
    assert "Board" in client.get(address).content.decode()
    chinese = in_chinese(client, cast.dan).get(address).content.decode()
    assert '<html lang="zh-hans">' in chinese
    assert "看板" in chinese and "Board" not in chinese


def test_someone_signed_out_is_answered_in_the_browsers_language(client):
    page = client.get("/accounts/login/", headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()
    assert '<html lang="zh-hans">' in page and "登录" in page


def test_a_refusal_is_said_in_the_readers_language(client, shot, cast):
    answer = in_chinese(client, cast.dan).get("/p/there-is-none/")
    assert answer.status_code == 404
    assert "这里没有你能看的内容" in answer.content.decode()


def test_the_engines_error_is_said_by_code_and_parameters():
    error = Refused("雨夜.mp4 is empty. Upload it again.", code="empty_file", name="雨夜.mp4")
    with override("zh-hans"):
        assert sentence(error.code, error.params, str(error)) == "雨夜.mp4 是空文件。请重新上传。"
        bare = sentence("refused", {}, "The mode must be one of fast, best, got 'x'.")
        assert bare == "图像引擎拒绝处理：The mode must be one of fast, best, got 'x'."
        pixels = {"name": "a.mov", "width": 9000, "height": 9000, "max_pixels": 40_000_000}
        assert "40 百万像素" in sentence("too_many_pixels", pixels, "a.mov is too large.")
    with override("en"):
        assert sentence(error.code, error.params, str(error)) == str(error)


def test_one_code_raised_at_two_places_keeps_each_ones_words():
    with override("zh-hans"):
        gone = sentence("missing", {"name": "a.mp4"}, "a.mp4 is no longer there. Upload it again.")
        shut = sentence("missing", {"name": "a.mp4"}, "a.mp4 cannot be opened: Permission denied.")
    assert gone == "a.mp4 已不存在。请重新上传。"
    assert shut == "a.mp4 无法打开：Permission denied。"


def test_a_failed_job_says_its_sentence_and_its_kind_to_each_reader():
    wire = Refused("a.mp4 is empty. Upload it again.", code="empty_file", name="a.mp4").to_wire()
    engine = Job(kind="footage.probe", error=wire["message"], result={"error": wire})
    worker = Job(kind="comps.render", error="Cancelled by Cleo Marsh.")
    with override("zh-hans"):
        assert (engine.what, engine.sentence) == ("检测镜次", "a.mp4 是空文件。请重新上传。")
        assert worker.sentence == "由 Cleo Marsh 取消。"
    with override("en"):
        assert (engine.what, engine.sentence) == ("Probe the take", wire["message"])


def test_what_was_stored_in_one_language_is_read_in_another():
    english = "The worker died in the middle of this, 2 times by now. Try once more, then tell support what it was."
    with override("zh-hans"):
        chinese = reworded(english)
        assert chinese.startswith("工作进程在处理中途退出，至今 2 次。")
        assert reworded("night rain.mp4") == "night rain.mp4"
        assert reworded("Comp") == "Comp"  # somebody's file, for all we know
    with override("en"):
        assert reworded(chinese) == english
        assert reworded("") == ""


def test_a_layer_nobody_named_is_called_by_its_kind_in_both_languages(shot, cast):
    with override("zh-hans"):
        plain = layers.add_layer(actor=cast.dan, shot=shot, kind="foreground", name="")
    named = layers.add_layer(actor=cast.dan, shot=shot, kind="effect", name="玻璃上的雨")
    with override("en"):
        assert (plain.said, named.said) == ("Foreground", "玻璃上的雨")
    with override("zh-hans"):
        assert (plain.said, named.said) == ("前景", "玻璃上的雨")
        assert verbs.in_words("layer", "Foreground") == "前景"
        assert verbs.in_words("role", "vfx_supervisor") == "视效总监"


def test_chinese_titles_get_an_address_of_their_own(cast):
    first = productions.create_production(actor=cast.priya, title="《回家》")
    second = productions.create_production(actor=cast.priya, title="天台的雨")
    mixed = productions.create_production(actor=cast.priya, title="回家 The Way Home")
    assert first.slug and second.slug and first.slug != second.slug
    assert first.slug.isascii() and mixed.slug == "the-way-home"
    assert first.title == "《回家》"


def test_a_take_with_a_chinese_file_name_keeps_it(client, tmp_path, shot, cast):
    name = "雨夜 镜头1 𠮷.mp4"
    layer = layers.add_layer(actor=cast.dan, shot=shot, kind="actor", name="林夏")
    source = tmp_path / name
    source.write_bytes("雨".encode() * 100)
    permit = services.create_permit(
        cast.cleo,
        shot.production,
        name,
        source.stat().st_size,
        "",
        {"kind": "take", "layer": str(layer.pk)},
        "http://a",
    )
    upload = Upload.objects.get(pk=permit["upload"])
    artefact = storage.adopt(source, mime="video/mp4", production_id=shot.production_id)
    receivers.RECEIVERS["take"](upload, artefact)
    take = Take.objects.get(layer=layer)
    assert (upload.filename, take.filename) == (name, name)
    page = in_chinese(client, cast.cleo).get(f"/p/{shot.production.slug}/EP01/{shot.path_code}/takes/").content.decode()
    assert name in page and "镜次 1" in page


def test_notes_in_chinese_with_rare_characters_come_out_of_the_csv_whole(client, shot, cast):
    version = make_version(shot, created_by=cast.cleo)
    version.state = "in_review"
    version.save()
    note = reviews.add_note(actor=cast.dan, version=version, text=RARE)
    note.refresh_from_db()
    assert note.text == RARE
    client.force_login(cast.dan)
    body = client.get(f"/p/{shot.production.slug}/review/notes.csv").content
    assert body.startswith(BOM)
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert any(RARE in cell for row in rows for cell in row)


def test_the_ledgers_csv_opens_right_with_chinese_in_it(client, shot, cast):
    layers.add_layer(actor=cast.dan, shot=shot, kind="effect", name="霓虹")
    client.force_login(cast.priya)
    body = client.get(f"/p/{shot.production.slug}/ledger.csv").content
    assert body.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert any("霓虹" in row["data"] for row in rows), "as it was written, not as \\u escapes"


def test_a_name_put_together_from_our_words_is_read_in_each_language():
    with override("zh-hans"):
        assert pieces("EP01_SC01_SH010 · Background") == "EP01_SC01_SH010 · 背景"
        assert pieces("Office above the city · 11") == "城市高处的办公室 · 11"
        assert pieces("Background") == "Background"  # a file may be called so
    with override("en"):
        assert pieces("Office above the city · 11") == "Office above the city · 11"

"""What the demo production holds: people, papers, scenes, shots. Invented, all of it."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from studio.accounts.demo import DOMAIN

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "demo"
SLUG = "the-way-home"
# The demo's accounts are open to whoever reaches the page (see `accounts.demo`), so this is no secret.
PASSWORD = "on-the-way-home"  # noqa: S105

PRODUCTION: dict[str, Any] = {
    "title": "《回家》 The Way Home",
    "logline": (
        "Six years after she left in the night, Lin Xia comes back to sell her father's company, and finds Zhao still "
        "at the desk beside hers. 离家六年，林夏回来卖掉父亲的公司，却发现赵还坐在她旁边的那张桌子前。"
    ),
    "currency": "CNY",
    "budget_minor": 3_000_000,
    "draw_cap_minor": 20_000,
    # A draft format: everything is made in seconds. A real production starts at 1080 x 1920.
    "width": 540,
    "height": 960,
    "fps_num": 24,
    "fps_den": 1,
}


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    role: str
    may_note: bool = False

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


PEOPLE = (
    Person("priya", "Priya Rao", "producer"),
    Person("dan", "Dan Osei", "director"),
    Person("vera", "Vera Lind", "vfx_supervisor"),
    Person("cleo", "Cleo Marsh", "compositor"),
    Person("ana", "Ana Wu 吴安娜", "ai_artist"),
    Person("eddie", "Eddie Cole", "editor"),
    Person("kai", "Kai Lin 林凯", "compliance"),
    Person("gus", "Gus Hart", "guest", may_note=True),
    Person("mei", "Mei Song 宋梅", "director"),
)

# key, model, minor units, source, from when.
RATES = (
    ("captured_day", "", 1_200_000, "Stage 3, offer of 2 March (demo figure)", date(2026, 3, 2)),
    ("location_day", "", 2_800_000, "Location office, price list 2026 (demo figure)", date(2026, 1, 1)),
    ("travel", "", 600_000, "Location office, price list 2026 (demo figure)", date(2026, 1, 1)),
    ("vfx_day", "", 150_000, "House rate 2026 (demo figure)", date(2026, 1, 1)),
    ("person_day", "", 90_000, "House rate 2026 (demo figure)", date(2026, 1, 1)),
    ("gpu_hour", "", 1_800, "Cloud price list, April (demo figure)", date(2026, 4, 1)),
    ("cpu_hour", "", 480, "Cloud price list, April (demo figure)", date(2026, 4, 1)),
    ("draw", "", 60, "Cloud price list, April (demo figure)", date(2026, 4, 1)),
)

LOCATIONS = {
    "rooftop": (
        "Rooftop above the river 江边天台",
        "Parapet to the knee, string of lamps, the city below. Built by rule.",
    ),
    "office": ("Lin & Co., 31st floor 林氏公司三十一层", "Two desks by the window, one of them kept as it was."),
    "street": ("Long street 长街", "Neon, wet asphalt, late buses."),
}

LIKENESSES: dict[str, dict[str, Any]] = {
    "linxia": {
        "name": "Computer-made figure no. 1 数字人一号",
        "character": "Lin Xia 林夏",
        "consent_reference": "CC0 body data, no person shown (fixtures/demo/README.md)",
        "consent_until": None,
        "ai_alteration_allowed": True,
    },
    "zhao": {
        "name": "Computer-made figure no. 2 数字人二号",
        "character": "Zhao 赵",
        "consent_reference": "CC0 body data, no person shown (fixtures/demo/README.md)",
        "consent_until": None,
        "ai_alteration_allowed": False,
    },
}

EPISODES = {1: "The Rooftop 天台", 2: "The Letter 信"}
# (episode, scene): title, location.
SCENES = {
    (1, 1): ("Rooftop, night, rain 天台·雨夜", "rooftop"),
    (1, 2): ("Office above the city 写字楼·夜", "office"),
    (2, 1): ("Long street, night 长街·夜", "street"),
    (2, 2): ("Rooftop, morning 天台·清晨", "rooftop"),
}


@dataclass(frozen=True)
class ShotData:
    scene: tuple[int, int]
    number: int
    facts: dict[str, Any] = field(default_factory=dict)
    likeness: str = ""
    assignee: str = ""

    @property
    def code(self) -> str:
        return f"EP{self.scene[0]:02d}_SC{self.scene[1]:02d}_SH{self.number:03d}"


def _shot(scene: tuple[int, int], number: int, title: str, *, who: str = "", by: str = "", **facts: Any) -> ShotData:
    return ShotData(scene, number, {"title": title, "duration_frames": 36} | facts, who, by)


SHOTS = (
    _shot(
        (1, 1), 10, "City in the rain 雨中的城", by="cleo", framing="empty", performance="none", exterior=True,
        effect="rain", budget_minor=300_000,
        description="We come down out of the clouds. One lit rooftop. 云下，一处亮着灯的天台。",
    ),
    _shot(
        (1, 1), 20, "Lin Xia looks up 林夏抬头", duration_frames=24,
        who="linxia", by="cleo", framing="close_up", performance="emotion",
        exterior=True, effect="rain", budget_minor=300_000,
        description="She has not decided yet whether to ring. 她还没想好要不要按门铃。",
    ),
    _shot(
        (1, 1), 30, "Zhao in the doorway 赵站在门口", duration_frames=24,
        who="zhao", by="cleo", framing="medium", performance="dialogue",
        exterior=True, effect="rain", dialogue="ZHAO: You still take the stairs. 赵：你还是走楼梯。",
    ),
    _shot(
        (1, 1), 40, "Her hand on the rail 手扶栏杆", framing="insert", performance="action", exterior=True,
        description="Cut from the script on 12 March: the look says it. 三月十二日删去。",
    ),
    _shot(
        (1, 2), 10, "The desk he kept 他留着的那张桌子", duration_frames=24,
        by="cleo", framing="empty", performance="none",
        description="Her lamp is on. 她的台灯亮着。",
    ),
    _shot(
        (1, 2), 20, "Zhao turns 赵转身", duration_frames=24,
        who="zhao", by="cleo", framing="close_up", performance="emotion",
        budget_minor=300_000, description="He heard the lift. 他听见了电梯声。",
    ),
    _shot(
        (1, 2), 30, "“I came back.” “我回来了。”", duration_frames=24,
        who="linxia", by="cleo", framing="close_up", performance="dialogue",
        dialogue="LIN XIA: I came back. 林夏：我回来了。",
    ),
    _shot(
        (1, 2), 40, "Two of them, glass between 隔着玻璃", who="zhao", by="cleo", framing="medium",
        performance="presence", description="Reflections of the city over his face. 城市的倒影落在他脸上。",
    ),
    _shot(
        (2, 1), 10, "She runs between the lights 灯火之间", who="linxia", framing="full", performance="action",
        exterior=True, crowd="few", effect="rain", description="No cut until she stops. 一镜到底。",
    ),
    _shot(
        (2, 1), 20, "The shop that was theirs 曾经的小店", by="ana", framing="empty", performance="none", exterior=True,
        description="Shutter down, sign still lit. 卷帘门落下，招牌还亮着。",
    ),
    _shot(
        (2, 1), 30, "She reads the letter 读信", framing="insert", performance="none",
        description="Whose hand? To be decided with Mei. 谁的手？待定。",
    ),
    _shot(
        (2, 2), 10, "Morning over the city 城市的清晨", duration_frames=24,
        by="cleo", framing="empty", performance="none", exterior=True,
        description="The rain has stopped. 雨停了。",
    ),
    _shot(
        (2, 2), 20, "Zhao waits 赵在等", who="zhao", framing="wide", performance="presence", exterior=True,
        description="Waits for a decision on the ending. 等结局定稿。",
    ),
)  # fmt: skip

# Draws: which plate fills which shot's background. The key comes from where it falls on the people who stand in them.
NIGHT_ROOF = (
    "city",
    {"light": "night", "weather": "rain", "camera_height": 6000, "horizon": 42, "defocus": 15, "key_azimuth": -48},
    7,
)
NIGHT_OFFICE = ("office", {"light": "night", "defocus": 20, "key_azimuth": 62}, 11)
MORNING = ("city", {"light": "golden", "weather": "clear", "camera_height": 5000, "horizon": 45, "palette": "warm"}, 7)
STREET = ("city", {"light": "night", "weather": "rain", "signs": 90}, 20)
GLASS = ("office", {"light": "storm", "weather": "rain", "defocus": 55, "lens": 60, "key_azimuth": 62}, 31)
RAIN = ("rain", {"density": 50, "wind": 20}, 3)
# The lamp on the desk that he kept, and who else is out that night.
LAMP = ("desk_lamp", {"across": 20, "down": 80, "size": 34, "light": "night", "key": "right"}, 5)
LAMP_NAME = "Her lamp 她的台灯"
CROWD = ("crowd", {"density": 60, "tone": "lamps", "nearest": 6, "soft": 35}, 9)

# The rooftop as it is locked: first what was scouted, then with plates, palette and lens.
ROOF = {
    "words": "a knee-high parapet, a string of warm lamps, the river city far below",
    "avoid": "people, helicopters",
    "lights": [
        {"light": "night", "weather": "rain", "words": "wet stone, lamps in the puddles"},
        {"light": "golden", "weather": "clear", "words": "first sun from the river"},
    ],
}
ROOF_COMMENT = "As scouted in March 三月勘景"
ROOF_NEXT: dict[str, Any] = {"palette": "drama", "lens_mm": 32, "colours": ["#22333f", "#4d6a78", "#c98a4b"]}
ROOF_NEXT_COMMENT = "Plates pinned; teal nights, amber lamps 锁定背景图，青夜暖灯"
STYLE = {"look": "muted teal and amber, soft contrast, wet surfaces", "camera": "40 mm, eye level, slow"}

# What is kept in the library: the shot whose layer holds it, the layer, name, words, terms.
KEPT = (
    ("EP01_SC01_SH010", "background", "River city in the rain 雨中江城", "night rain city roof", "This series only"),
    ("EP01_SC01_SH010", "effect", "Steady rain 连绵的雨", "rain weather loop", "Free in the house"),
    ("EP01_SC02_SH010", "foreground", "Her lamp 她的台灯", "desk lamp green glass lit office prop", "This series only"),
    ("EP02_SC01_SH010", "crowd", "Late walkers 夜行人", "crowd street night passers-by", "Free in the house"),
    (
        "EP01_SC02_SH010",
        "background",
        "Office above the city, night 写字楼之夜",
        "office night desk",
        "This series only",
    ),
)
SHARED = "Steady rain 连绵的雨"

DECLARED_PLATE = "office_dusk_declared_ai.jpg"
DECLARED = {
    "origin": "generated",
    "ai_made": True,
    "licence": "CC0-1.0",
    "source": (
        "Declared AI-made on purpose, so that this demo shows the label duty; in truth the studio's own office family "
        "drew it by rule (fixtures/demo/README.md)"
    ),
}

# ruff: noqa: E501 (a table: a line of words is one cell)
"""Fragments that prompts are put together from: what a place, an hour, a weather look like, in a model's own habit.

Data alone. `title` is what people read (translated); tags, en and zh are what models read, whatever language the page
speaks. `found_by`: lower-case words in a scene's heading or a location's name that mean it; the first match counts.
A single sign such as 日 counts standing alone only: 日 is the day in "内景 公司 日" and not in 生日.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Words:
    """tags: for models that were taught by tags; en, zh: a clause for models that read sentences."""

    key: str
    title: str
    found_by: tuple[str, ...]
    tags: str
    en: str
    zh: str


PLACES = (
    Words("rooftop", _("Rooftop"), ("rooftop", "roof terrace", "天台", "屋顶", "楼顶"),
          "rooftop, parapet, city skyline in the distance",
          "a flat rooftop with a low parapet, the city skyline far behind it", "城市高楼的天台，矮女儿墙，远处是城市天际线"),
    Words("hospital", _("Hospital"), ("hospital", "ward", "clinic", "医院", "病房", "诊所"),
          "hospital corridor, linoleum floor, handrail, fluorescent panels",
          "a hospital corridor with a polished linoleum floor and ceiling light panels", "医院走廊，光洁的地胶，天花板灯板"),
    Words("corridor", _("Corridor"), ("corridor", "hallway", "走廊", "过道"),
          "long corridor, doors on both sides, vanishing point",
          "a long corridor with doors on both sides", "一条长走廊，两侧是房门"),
    Words("bedroom", _("Bedroom"), ("bedroom", "卧室", "房间", "闺房", "hotel room", "客房", "套房"),
          "bedroom, made bed, curtains, bedside lamp",
          "a bedroom with a made bed, curtains and a bedside lamp", "卧室，铺好的床，窗帘，床头灯"),
    Words("lobby", _("Lobby"), ("lobby", "reception", "hotel", "大堂", "大厅", "前台", "酒店"),
          "hotel lobby, marble floor, high ceiling, reception desk",
          "a high hotel lobby with a marble floor and a reception desk", "挑高的酒店大堂，大理石地面，前台"),
    Words("office", _("Office"), ("office", "boardroom", "company", "办公", "写字楼", "公司", "会议室"),
          "modern office, floor-to-ceiling windows, desks, glass partitions",
          "a modern office with desks and floor-to-ceiling windows over the city", "现代写字楼办公室，落地窗外是城市，办公桌"),
    Words("living", _("Living room"), ("living room", "villa", "mansion", "客厅", "别墅", "豪宅"),
          "spacious living room, sofa, large window, chandelier",
          "a spacious living room with a sofa under a chandelier", "宽敞的客厅，沙发，吊灯，大窗"),
    Words("restaurant", _("Restaurant"), ("restaurant", "cafe", "café", "bar", "餐厅", "咖啡", "酒吧", "饭店"),
          "restaurant interior, set tables, pendant lamps",
          "a restaurant with set tables under pendant lamps", "餐厅，摆好的餐桌，吊灯"),
    Words("teahouse", _("Teahouse"), ("teahouse", "tea house", "茶馆", "茶楼", "茶室"),
          "old chinese teahouse, carved wooden screens, low tables, lanterns",
          "an old Chinese teahouse with carved wooden screens and low tables", "中式茶馆，雕花木屏，矮桌，灯笼"),
    Words("palace", _("Palace"), ("palace", "throne", "宫", "殿", "皇"),
          "ancient chinese palace hall, red columns, carved beams, stone steps",
          "a hall of an ancient Chinese palace with red columns and carved beams", "古代宫殿大殿，朱红立柱，雕梁画栋"),
    Words("courtyard", _("Courtyard"), ("courtyard", "temple", "院", "寺", "庙"),
          "old chinese courtyard, grey tiles, wooden doors, lanterns",
          "an old Chinese courtyard with grey tiled roofs and wooden doors", "中式老院子，灰瓦，木门，灯笼"),
    Words("school", _("School"), ("school", "classroom", "campus", "学校", "教室", "校园"),
          "classroom, rows of desks, blackboard, windows",
          "a classroom with rows of desks in front of a blackboard", "教室，成排课桌，黑板，窗户"),
    Words("car", _("In a car"), ("in a car", "taxi", "车内", "出租车"),
          "car interior, rear window, city lights passing outside",
          "the inside of a car, the street passing behind its rear window", "车内，后窗外街景掠过"),
    Words("street", _("Street"), ("street", "alley", "road", "街", "巷", "马路"),
          "city street, wet asphalt, shop signs, parked cars",
          "a city street with shop fronts on both sides", "城市街道，两侧是店铺"),
    Words("village", _("Village"), ("village", "farm", "村", "乡"),
          "chinese village, brick houses, dirt road, fields",
          "a village of brick houses along a dirt road", "乡村，砖房，土路，田野"),
    Words("mountain", _("Mountains"), ("mountain", "cliff", "山", "崖"),
          "mountain range, layered ridges, valley mist",
          "a mountain range in layers of ridges above a misty valley", "层叠的山脉，山谷里有薄雾"),
    Words("lake", _("Lake or river"), ("lake", "river", "湖", "江", "河"),
          "still water, far shore, reeds", "still water with a far shore", "平静的水面，远处的岸"),
    Words("sea", _("Sea"), ("sea", "beach", "ocean", "shore", "海", "沙滩"),
          "seashore, breaking waves, horizon", "a seashore with waves breaking under a clear horizon", "海岸，海浪，清晰的海平线"),
    Words("woods", _("Woods"), ("forest", "woods", "bamboo", "树林", "森林", "竹"),
          "forest, tall trunks, undergrowth, depth", "a forest of tall trunks fading into the distance", "树林，高大的树干向远处隐去"),
    Words("city", _("City from above"), ("city", "skyline", "城"),
          "cityscape, aerial view, towers, streets below", "a city seen from above, its towers close together", "俯瞰城市，高楼林立"),
)  # fmt: skip

HOURS = (
    Words("dawn", _("Dawn"), ("dawn", "sunrise", "morning", "清晨", "黎明", "早晨", "早上"),
          "dawn, pale sky, soft low light", "at dawn, under a pale sky with soft low light", "清晨，天色微亮，光线柔和"),
    Words("golden", _("Golden hour"), ("golden", "sunset", "afternoon", "夕阳", "下午", "午后"),
          "golden hour, low warm sun, long shadows", "in the golden hour, a low warm sun and long shadows", "黄金时刻，低斜的暖阳，长影"),
    Words("dusk", _("Dusk"), ("dusk", "evening", "twilight", "黄昏", "傍晚"),
          "dusk, blue hour, lights coming on", "at dusk, the sky deep blue and the first lights on", "黄昏，蓝调时刻，灯光初上"),
    Words("night", _("Night"), ("night", "midnight", "夜", "晚"),
          "night, dark sky, practical lights, deep shadows", "at night, lit by lamps, with deep shadows", "夜晚，灯光照明，暗部深沉"),
    Words("day", _("Day"), ("day", "noon", "日", "白天", "中午"),
          "daylight, soft overcast light", "by day, in soft even daylight", "白天，柔和均匀的日光"),
)  # fmt: skip

WEATHERS = (
    Words("storm", _("Storm"), ("storm", "thunder", "暴雨", "雷"),
          "thunderstorm, dark clouds, heavy rain", "in a thunderstorm with heavy rain", "雷暴，乌云，大雨"),
    Words("rain", _("Rain"), ("rain", "雨"), "rain, wet surfaces, reflections",
          "in the rain, every surface wet and reflecting", "下雨，地面湿润有倒影"),
    Words("snow", _("Snow"), ("snow", "雪"), "snow, overcast, soft light", "in falling snow", "下雪，阴天柔光"),
    Words("fog", _("Fog"), ("fog", "mist", "haze", "雾"), "fog, haze, low contrast distance",
          "in fog that swallows the distance", "有雾，远处朦胧"),
)  # fmt: skip

# The moods that plates by rule know by the same keys (compositing.plates.family.PALETTE).
PALETTES = (
    Words("drama", _("Teal and amber"), (), "teal and amber colour grade", "Its colours are teal shadows and amber lights", "青橙色调"),
    Words("natural", _("Natural"), (), "natural colours", "Its colours are natural", "自然色彩"),
    Words("warm", _("Warm"), (), "warm colour grade", "Its colours are warm", "暖色调"),
    Words("cold", _("Cold"), (), "cold blue colour grade", "Its colours are cold and blue", "冷色调"),
    Words("neon", _("Neon"), (), "neon colours, magenta and cyan", "Its colours are neon magenta and cyan", "霓虹色调，品红与青色"),
)  # fmt: skip

# What the layer is for. Actors are filmed: nothing behind them may hold people, and the middle stays free.
KINDS = {
    "background": Words("background", _("Nobody in it"), (), "empty scene, no humans, scenery",
                        "The place is empty, nobody is in it", "空镜，画面中没有人"),
    "crowd": Words("crowd", _("A crowd, small"), (), "crowd of people in the distance, small figures",
                   "A crowd of small figures stands in the distance", "远处有人群，人物较小"),
    "effect": Words("effect", _("On black"), (), "isolated on a pure black background",
                    "It stands alone on a pure black background", "纯黑背景，单独的元素"),
    "foreground": Words("foreground", _("Out of focus, at the edges"), (), "foreground object, out of focus, at frame edge",
                        "It stands close to the camera at the frame's edge, out of focus", "前景物体，虚焦，位于画面边缘"),
}  # fmt: skip

FRAMES = (
    Words("vertical", _("Upright picture"), (), "vertical composition, 9:16",
          "The picture is upright, 9:16, seen at eye level", "竖幅9:16构图，平视机位"),
    Words("room", _("Room for the actor"), (), "uncluttered center, space in the middle",
          "The middle is left free", "画面中央留白"),
    Words("lens", _("Film camera"), (), "film still, 35mm lens, natural colours, fine grain",
          "It looks like a still from a film shot with a 35 mm lens", "电影剧照质感，35毫米镜头，自然色彩"),
)  # fmt: skip

MOTIONS = (
    Words("still", _("Still camera"), (), "static camera, locked-off shot",
          "The camera does not move", "镜头固定不动"),
    Words("push", _("Slow push in"), (), "slow push-in, dolly forward",
          "The camera moves slowly forward", "镜头缓慢推进"),
    Words("drift", _("Slow drift sideways"), (), "slow tracking shot, lateral parallax",
          "The camera drifts slowly to the side", "镜头缓慢横移"),
    Words("air", _("Only the air moves"), (), "subtle motion, drifting haze, moving leaves",
          "Only the air moves: haze, leaves, water", "画面中只有细微的动态：雾气、树叶、水面"),
)  # fmt: skip

# What a plate must not show, and what models get wrong; people only where the layer is to be empty.
NEVER = (
    Words("text", _("Text and logos"), (), "text, watermark, logo, signature, subtitles",
          "text, watermarks, logos, subtitles", "文字，水印，标志，字幕"),
    Words("broken", _("Broken pictures"), (), "lowres, blurry, jpeg artifacts, oversaturated, worst quality",
          "blur, compression artefacts, oversaturated colours", "模糊，压缩痕迹，过度饱和，低质量"),
    Words("drawn", _("Drawn pictures"), (), "anime, cartoon, painting, 3d render, illustration",
          "cartoon, painting, 3D render", "动漫，绘画，三维渲染"),
    Words("warped", _("Warped buildings"), (), "distorted perspective, warped lines, duplicated objects",
          "warped lines, doubled objects", "变形的线条，重复的物体"),
)  # fmt: skip
NOBODY = Words("people", _("People"), (), "person, people, face, hands, crowd, silhouette",
               "people, faces, hands", "人物，人脸，手")  # fmt: skip
STUTTER = Words("stutter", _("Flicker and cuts"), (), "flicker, jitter, scene cut, morphing",
                "flicker, jitter, cuts, shapes that melt", "闪烁，抖动，切镜，形体融化")  # fmt: skip

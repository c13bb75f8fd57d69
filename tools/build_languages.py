"""Build data/languages.csv, the table of all open Wikipedias that is shipped with the project. Run it again only to mend a row.

    python3 -m venv /tmp/langvenv
    /tmp/langvenv/bin/pip install pywikibot babel langcodes language_data filelock
    /tmp/langvenv/bin/python tools/build_languages.py

No network is used. Which Wikipedias are open is listed in pywikibot (11.9: 350). English and own names come from CLDR through Babel;
further names, scripts and ISO 639-3 codes from langcodes and the registry of language subtags in language_data. What these packages lack,
or say of another language than the wiki is written in, is in the tables below, by hand; every such row was compared with the names and
scripts in Wikimedia's language-data 2.0.4. No package has article counts: these are the wikis' own
statistics of late 2025, as the public list in AnySoftKeyboard/janus (SupportedLanguages.kt) had them, rounded to two digits. They are only
meant to tell a large wiki from a small one.
"""
import os
import sys
import unicodedata
from pathlib import Path

os.environ.setdefault("PYWIKIBOT_NO_USER_CONFIG", "2")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import babel
import babel.core
import babel.localedata
import langcodes
import langcodes.data_dicts
import language_data
from pywikibot.families.wikipedia_family import Family

from gi_helpers import languages, store

# wiki code, ISO 639-3, BCP 47 tag: only where they are not what the code itself says. The tags are those that MediaWiki puts in its pages.
CODES = """
als gsw gsw
arc arc arc
bat-smg sgs sgs
be-tarask bel be-tarask
bh bho bho
cbk-zam cbk cbk
eml egl egl
fiu-vro vro vro
isv isv isv
map-bms jav jv-x-bms
nah nah nah
nds-nl nds nds-NL
no nob nb
nrm nrf nrf
roa-rup rup rup
roa-tara nap nap-x-tara
rsk rsk rsk
sh hbs sh
simple eng en-simple
tl tgl tl
tok tok tok
zh-classical lzh lzh
zh-min-nan nan nan
zh-yue yue yue
"""

# The script of most pages of the wiki, where CLDR has none or the wiki differs from it. Hani: simplified and traditional mixed.
SCRIPTS = """
arc Syrc  azb Arab  btm Latn  cdo Latn  crh Latn  gan Hani  hak Latn  hif Latn  isv Latn  kaa Latn  lad Latn  mni Mtei  nah Latn
pi Deva  pnb Arab  roa-tara Latn  shi Latn  syl Sylo  wuu Hani  zh Hani  zh-classical Hani  zh-min-nan Latn  zh-yue Hani
bxr Cyrl  mhr Cyrl  gom Deva  bh Deva  be-tarask Cyrl  sh Latn
"""

# wiki code | English name | own name | also known as. An empty field: as CLDR has it.
NAMES = """
ab | | | Abkhaz
ace | | Acèh |
ady | | адыгабзэ | West Circassian
af | | |
als | Alemannic | Alemannisch | Swiss German; Schwiizertüütsch; Alsatian
alt | | алтай тил | Altai
am | | | Amarigna
ami | Amis | Pangcah |
an | | |
ang | | Ænglisc | Anglo-Saxon
anp | | अंगिका |
ar | | | Modern Standard Arabic
arc | | ܐܪܡܝܐ | Syriac
ary | | الدارجة | Darija; الدارجة المغربية
arz | | مصرى | Masri
atj | | Atikamekw |
av | Avar | авар | Avaric
avk | | Kotava |
awa | | अवधी |
ay | | Aymar aru |
az | | | azərbaycanca; Azeri
azb | South Azerbaijani | تۆرکجه | Azeri Turkish; تورکجه
ba | | | башҡортса
ban | | Basa Bali |
bar | | Boarisch |
bat-smg | Samogitian | žemaitėška |
bbc | | Batak Toba | Toba Batak
bcl | Central Bikol | Bikol Central | Bicolano
bdr | West Coast Bajau | Bajau Sama |
be-tarask | Belarusian (Taraškievica) | беларуская (тарашкевіца) | Taraškievica; тарашкевіца; be-x-old; Classical Belarusian
bew | | Betawi |
bh | Bhojpuri | भोजपुरी | bih; Bihari
bi | | Bislama |
bjn | | Banjar | Bahasa Banjar; Banjarese
blk | Pa’O | ပအိုဝ်ႏဘာႏသာႏ | Pa’O Karen
bm | | bamanankan |
bn | | | Bengali
bo | | | བོད་ཡིག
bol | Bole | bòo pìkkà |
bpy | Bishnupriya Manipuri | বিষ্ণুপ্রিয়া মণিপুরী | Bishnupriya
btm | Mandailing Batak | Mandailing | Batak Mandailing
bug | | Basa Ugi | ᨅᨔ ᨕᨘᨁᨗ
bxr | Buryat | буряад | Russia Buriat; Buriat; Buriad
ca | | | Valencian; valencià
cbk-zam | Chavacano | Chavacano de Zamboanga | Zamboangueño
cdo | Eastern Min | Mìng-dĕ̤ng-ngṳ̄ | Min Dong; Mindong; Mindong Chinese; Min Dong Chinese; 閩東語
ceb | | | Bisaya; Binisaya; Visayan
ch | | Chamoru |
chy | | Tsetsêhestâhese |
ckb | | | Sorani; کوردی; سۆرانی
cr | | ᓀᐦᐃᔭᐍᐏᐣ | Nēhiyawēwin
crh | | qırımtatarca | Crimean Turkish
csb | | kaszëbsczi |
cu | | словѣньскъ | Church Slavonic; Old Church Slavonic; Old Church Slavic; Old Slavonic
cv | | | чӑвашла
dag | Dagbani | Dagbanli |
da | | | dk
dga | Dagaare | Dagaare | Southern Dagaare
din | | Thuɔŋjäŋ |
diq | Zazaki | Zazaki | Dimli; Zaza; Southern Zaza
dsb | | |
dtp | | Kadazandusun | Kadazan Dusun
dty | Doteli | डोटेली | Dotyali
dv | Dhivehi | | Divehi; Maldivian
ee | | Eʋegbe | Ewegbe
el | | | Modern Greek
eml | Emilian-Romagnol | emiliàn e rumagnòl | Emiliano-Romagnolo; Emilian; Romagnol; rgn
es | | | Castilian; castellano
ext | | estremeñu |
fa | | | Farsi; Dari; دری; prs
fat | Fante | Mfantse | Fanti; Akan; ak; aka
ff | | Fulfulde | Fulah; Fulani; Pular; Peul; fuv
fiu-vro | Võro | võro |
fj | | Na Vosa Vakaviti |
fon | | fɔ̀ngbè |
frp | | arpetan | Franco-Provençal; Francoprovençal
gag | | Gagauz | gagauz dili
gan | | 贛語 | 赣语; Gan
gcr | Guianan Creole | kriyòl gwiyannen | Guianese Creole French; French Guianese Creole
glk | | گیلکی |
gom | Goan Konkani | गोंयची कोंकणी | Konkani; Gõychi Konknni; kok; knn
gor | | Bahasa Hulontalo | Hulontalo
got | | 𐌲𐌿𐍄𐌹𐍃𐌺 |
gpe | Ghanaian Pidgin | Ghanaian Pidgin | Ghanaian Pidgin English
guc | | wayuunaiki | Guajiro
gur | | farefare | Farefare; Gurenne
guw | Gun | gungbe | Ogu
ha | | | Harshen Hausa
hak | | Hak-kâ-ngî | Hakka; 客家語; 客家话
hif | | Fiji Hindi | फ़िजी हिन्दी
ht | | | Haitian; Kreyòl
hyw | Western Armenian | Արեւմտահայերէն |
iba | | Jaku Iban |
id | | Bahasa Indonesia |
ig | | | Asụsụ Igbo; Ibo
igl | Igala | Igala |
ik | | Iñupiatun | Inupiat
ilo | Ilocano | Ilokano | Iloko
inh | | гӀалгӀай |
is | | |
isv | Interslavic | medžuslovjansky | меджусловјанскы
jam | Jamaican Patois | Patois | Jamaican Creole English; Jamaican Creole; Patwa
ja | | | jp
jv | | Basa Jawa |
kaa | Karakalpak | Qaraqalpaqsha | Kara-Kalpak
kai | Karekare | Karai-karai |
kaj | | Jju |
kbd | | адыгэбзэ | East Circassian
kbp | Kabiyè | Kabɩyɛ | Kabiye
kcg | | Tyap |
kg | | Kikongo |
kge | Komering | Kumoring |
ki | | Gĩkũyũ |
kk | | | қазақша
kl | | | Greenlandic
km | | | ភាសាខ្មែរ; Cambodian
knc | Central Kanuri | Yerwa Kanuri | Kanuri; kr; kau
koi | | перем коми | Permyak
krc | | къарачай-малкъар | Karachay; Balkar
ksh | Ripuarian | | Colognian; Ripoarisch
ku | | kurdî | Kurmanji; kurmancî; Northern Kurdish
kus | Kusaal | Kʋsaal |
kv | | коми | Komi-Zyrian
lad | | Ladino | Judeo-Spanish; Judaeo-Spanish; Djudeo-Espanyol
lbe | Lak | лакку |
lez | | лезги | Lezgian; Lezgi
lfn | | Lingua Franca Nova | Elefen
lg | Luganda | | Ganda
li | | Limburgs | Limburgan; Limburger
lmo | | lombard |
ltg | | | latgaļu
mad | | Madhurâ |
mag | | मगही |
map-bms | Banyumasan | Basa Banyumasan |
mhr | Eastern Mari | олык марий | Meadow Mari
min | | Minangkabau | Baso Minangkabau
mn | | | Khalkha
mni | | ꯃꯤꯇꯩ ꯂꯣꯟ | Meitei; Meiteilon; Meetei
mnw | Mon | ဘာသာမန် |
mos | | Mooré | Moore
mrj | | кырык мары | Hill Mari
ms | | Bahasa Melayu | Bahasa Malaysia; Malaysian
mwl | | mirandés |
my | | | Myanmar; မြန်မာဘာသာ
mzn | | |
nah | Nahuatl | Nāhuatl | Aztec; nhn; nci
nap | | napulitano |
nds | | Plattdüütsch | Low Saxon; Plattdeutsch; Neddersass’sch
nds-nl | Dutch Low Saxon | Nedersaksisch | Nedersaksies
new | | नेपाल भाषा | Nepal Bhasa; Newar
nia | | Li Niha |
nl | | | Flemish; Vlaams
nn | | | nynorsk
no | Norwegian Bokmål | norsk bokmål | Norwegian; norsk; bokmål; nor
nov | | Novial |
nr | | | Southern Ndebele; isiNdebele seSewula
nrm | Norman | Nouormand | Jèrriais; Guernésiais
nso | | | Sepedi; Pedi
nup | Nupe | Nupe | Nupe-Nupe-Tako
ny | Chichewa | Chichewa | Chi-Chewa; Chewa; Chinyanja
olo | Livvi-Karelian | livvinkarjala | Livvi; Olonets
om | | Afaan Oromoo | Oromiffa; Oromifa
or | | | Oriya
os | | | Ossetian
pag | | Pangasinan |
pam | Kapampangan | Kapampangan | Pampanga
pap | | | Papiamentu
pcd | | Picard |
pcm | | Naijá | Pidgin; Nigerian Pidgin English; Naija Pidgin; Pidgin English; Naijíriá Píjin
pdc | | Deitsch | Pennsylvania Dutch
pfl | | Pälzisch | Palatinate German
pi | | पालि |
pms | | piemontèis |
pnb | Western Punjabi | پنجابی | Western Panjabi; Shahmukhi; Lahnda
pnt | | Ποντιακά | Pontic Greek
ppl | Pipil | Nawat |
ps | | | Pushto; Pakhto; pbt
pwn | Paiwan | pinayuanan |
qu | | Runasimi | Runa Simi; quy
rki | Rakhine | ရခိုင် | Arakanese
rm | | | Rumantsch; Romansch
rmy | Vlax Romani | romani čhib | Romani; Romany
rn | Kirundi | Ikirundi | Rundi
ro | | | Moldovan; mo; mol
roa-rup | Aromanian | armãneashti | Macedo-Romanian
roa-tara | Tarantino | tarandíne |
rsk | Pannonian Rusyn | руски |
rue | | русиньскый | Ruthenian
rw | | | Rwanda
sa | | संस्कृतम् |
sah | | | Sakha
sco | | Scots |
sd | | |
sg | | |
sh | Serbo-Croatian | srpskohrvatski | српскохрватски
shi | | Taclḥit | Tashelhit; Shilha
si | | | Sinhalese
simple | Simple English | Simple English |
skr | Saraiki | |
sm | | Gagana Sāmoa |
so | | | Soomaaliga; Af-Soomaali
sr | | | srpski
srn | | Sranantongo | Sranan
ss | | | Swazi
st | Sesotho | | Southern Sotho; Sotho
stq | | Seeltersk |
su | | |
sw | | |
syl | Sylheti | ꠍꠤꠟꠐꠤ | সিলেটি
szl | | | ślůnski
szy | Sakizaya | Sakizaya |
tay | Atayal | Tayal |
tcy | | ತುಳು |
tdd | Tai Nüa | ᥖᥭᥰ ᥖᥬᥲ ᥑᥨᥒᥰ | Tai Nuea
tet | | tetun | Tetun
ti | | | Tigrigna
tig | | | ትግሬ
tk | | | Türkmençe
tl | Tagalog | Tagalog | Filipino; Pilipino; fil
tly | | tolışi |
to | | |
trv | Seediq | Seediq | Taroko; Truku; Sediq; patas Taroko
tt | | | татарча; татар теле
tum | | chiTumbuka |
tw | Twi | Twi | Akan; ak; aka; Asante Twi
ty | | reo tahiti |
tyv | Tuvan | тыва дыл | Tuvinian; Tyvan
udm | | удмурт |
ug | | | Uighur
uz | | | oʻzbekcha
vep | | vepsän kel’ | Vepsian
vls | | West-Vlams | West-Vlaams
war | | Winaray | Waray-Waray
wuu | | 吴语 | 吳語; Shanghainese
xal | | хальмг | Kalmyk Oirat; Oirat
xh | | isiXhosa |
xmf | | მარგალური | Megrelian
yi | | |
yo | | Yorùbá | Èdè Yorùbá
zea | | Zeêuws | Zealandic
zgh | | | Tamazight
zh | | | Mandarin; Mandarin Chinese; 汉语; 漢語; zh-cn; zh-tw; zh-hans; zh-hant
zh-classical | Literary Chinese | 文言 | Classical Chinese; 古文
zh-min-nan | Southern Min | Bân-lâm-gí | Min Nan; Min Nan Chinese; Minnan; Bân-lâm-gú; Hokkien; Taiwanese; Taiwanese Hokkien; 閩南語; 臺語
zh-yue | | | Yue Chinese; 粤语; 廣東話
"""

# World Service slug (or slugs) by wiki code; cy and gd are the BBC's Welsh and Gaelic services, which share its page format.
BBC = """
om afaanoromoo; fr afrique; am amharic; ar arabic; az azeri; bn bengali; my burmese; rw gahuza; rn gahuza; gu gujarati; ha hausa;
hi hindi; ig igbo; id indonesia; ja japanese; ko korean; ky kyrgyz; hu magyarul; mr marathi; es mundo; ne nepali; ps pashto;
fa persian dari; pcm pidgin; pl polska; pt portuguese; pa punjabi; ro romania; ru russian; sr serbian; si sinhala; so somali;
sw swahili; ta tamil; te telugu; th thai; ti tigrinya; tr turkce; zh zhongwen ukchina; uk ukrainian; ur urdu; uz uzbek;
vi vietnamese; yo yoruba; cy cymrufyw; gd naidheachdan
"""
BBC_VARIANTS = {  # what may stand after the slug in an address; the first one of each slug is its default
    "sr": "serbian/lat serbian/cyr",
    "uz": "uzbek/cyr uzbek/lat",
    "zh": "zhongwen/trad zhongwen/simp ukchina/simp ukchina/trad",
}

# Articles, late 2025, two digits; the wikis that are missing here were opened later, or had no count.
ARTICLES = """
en 7100000 ceb 6100000 de 3100000 fr 2700000 sv 2600000 nl 2200000 es 2100000 ru 2100000 it 1900000 pl 1700000 arz 1600000 zh 1500000
ja 1500000 uk 1400000 vi 1300000 ab 6500 ace 13000 ady 620 af 130000 sq 100000 als 31000 am 15000 ami 1100 anp 1700 ar 1300000 an 51000
rki 1100 arc 1900 hy 320000 roa-rup 1400 frp 5800 as 21000 ast 140000 tay 2600 atj 2100 av 4000 awa 2600 ay 5200 az 210000 ban 35000
bm 920 bn 180000 bjn 11000 map-bms 14000 ba 64000 eu 480000 btm 1200 bbc 1300 bar 27000 be 260000 be-tarask 90000 bew 3100 bh 8900
bpy 25000 bi 1500 bs 96000 br 90000 bug 16000 bg 310000 my 110000 zh-yue 150000 ca 790000 bcl 21000 dtp 1700 knc 1500 ckb 79000 ch 560
cbk-zam 3200 ce 690000 chr 1000 chy 720 cu 1300 cv 58000 ksh 3000 kw 7100 co 8600 crh 30000 hr 230000 cs 580000 dag 13000 da 310000
diq 42000 din 370 dv 3200 dty 3600 dz 380 mhr 11000 eml 14000 myv 7900 eo 380000 et 260000 ee 1300 ext 4100 fat 1800 fo 14000 hif 12000
fj 1600 fi 610000 fon 3300 gur 1300 fur 4900 ff 13000 gag 3000 gl 230000 gan 6800 lg 4400 ka 190000 gpe 4100 glk 48000 gom 3600 gor 15000
got 980 el 260000 gn 6000 gcr 1100 gu 31000 guw 1600 ht 71000 hak 10000 ha 73000 haw 3000 he 390000 hi 170000 hu 560000 iba 1900 is 61000
io 60000 igl 950 ig 44000 ilo 15000 smn 6500 id 760000 inh 2400 ia 30000 ie 13000 iu 430 ik 660 ga 63000 jam 1700 jv 75000 kbd 1600
kbp 1700 kab 7000 xal 1600 kn 34000 kaa 11000 krc 2700 ks 8400 csb 5500 kk 240000 km 12000 ki 1900 rw 8900 kge 2700 kv 5700 koi 3500
kg 1600 ko 730000 avk 30000 ku 91000 kus 1200 ky 76000 lld 180000 lad 3900 lbe 1200 lo 5200 ltg 1100 la 140000 lv 140000 lez 4500
lij 11000 li 15000 ln 4800 lfn 4500 zh-classical 14000 lt 220000 olo 4600 jbo 1300 lmo 80000 nds 86000 nds-nl 8100 dsb 3400 lb 66000
mk 160000 mad 2000 mai 14000 mg 100000 ms 430000 ml 87000 mt 7700 mni 10000 gv 7000 mr 100000 mzn 64000 min 230000 cdo 17000 xmf 22000
zh-min-nan 430000 mwl 4300 mdf 7600 mnw 2000 mn 27000 ary 11000 mos 1300 mi 8000 nah 4300 nv 23000 nap 15000 ne 29000 new 73000 nia 1800
pcm 1500 nrm 5100 frr 21000 se 7900 nso 8800 no 660000 nn 180000 nov 1900 nup 540 ny 1100 nqo 1600 ann 430 oc 90000 or 20000 ang 5000
om 2000 os 21000 blk 2900 pwn 380 pfl 2800 pi 290 pam 10000 pag 2600 rsk 1000 pap 5000 ps 21000 pdc 2000 fa 1100000 pcd 6000 pms 71000
pnt 490 pt 1200000 pa 59000 qu 24000 ro 520000 rm 3800 rn 700 bxr 2900 rue 10000 szy 2700 sm 1200 bat-smg 17000 sg 400 sa 12000 sat 14000
skr 24000 sc 7700 stq 4100 sco 34000 gd 16000 sr 710000 sh 460000 shn 14000 sn 11000 scn 26000 szl 60000 simple 280000 sd 20000 si 25000
sk 260000 sl 200000 so 9700 azb 240000 nr 280 alt 1100 dga 3000 st 1600 srn 1100 zgh 12000 su 62000 sw 100000 ss 1100 syl 1200 shi 11000
tl 49000 ty 1200 tdd 450 tg 120000 tly 10000 ta 180000 roa-tara 9500 trv 1200 tt 560000 te 120000 tet 1400 th 180000 bo 7500 tig 41 ti 340
tpi 1400 tok 3300 to 2000 ts 950 tn 3700 tcy 2900 tum 19000 tr 650000 tk 7100 tyv 4100 tw 4600 kcg 1500 udm 5700 hsb 14000 ur 240000
ug 9600 uz 320000 ve 820 vec 70000 vep 7100 rmy 760 vo 46000 fiu-vro 6900 wa 13000 war 1300000 guc 690 cy 280000 bdr 240 vls 8200 hyw 13000
fy 59000 mrj 10000 pnb 75000 wo 1700 wuu 47000 xh 2300 sah 18000 yi 16000 yo 36000 zea 7100 za 3000 zu 12000
"""


def build():
    """The rows of the table, sorted by code."""
    return [row(code) for code in sorted(Family.__dict__["codes"])]


def row(code):
    """One open Wikipedia as a dict of strings."""
    iso, tag = known_codes().get(code) or (langcodes.Language.get(code).to_alpha3(), code)
    name, autonym, also = by_hand().get(code, ("", "", []))
    script = pairs(SCRIPTS).get(code) or script_of(tag.split("-")[0])
    own = own_name(tag)
    name = name or babel.Locale("en").languages.get(tag) or langcodes.Language.get(tag).display_name()
    also = [*also, *registered_names(tag, name), own, *individual_codes(code)]
    found = {
        "code": code,
        "dbname": ("be-x-old" if code == "be-tarask" else code).replace("-", "_") + "wiki",
        "name": name,
        "autonym": autonym or own,
        "also": languages.several(also, {name, autonym or own, code, iso, tag}),
        "iso639_3": iso,
        "tag": tag,
        "script": script,
        "direction": "rtl" if script in languages.RIGHT_TO_LEFT else "ltr",
        "articles": pairs(ARTICLES).get(code, ""),
        "bbc": services().get(code, ""),
        "bbc_variants": BBC_VARIANTS.get(code, ""),
    }
    return {column: unicodedata.normalize("NFC", value) for column, value in found.items()}


def known_codes():
    return {code: (iso, tag) for code, iso, tag in (line.split() for line in CODES.strip().splitlines())}


def pairs(text):
    words = text.split()
    return dict(zip(words[::2], words[1::2]))


def by_hand():
    lines = [[cell.strip() for cell in line.split("|")] for line in NAMES.strip().splitlines()]
    return {code: (name, own, also.split("; ") if also else []) for code, name, own, also in lines}


def services():
    return dict(entry.split(maxsplit=1) for entry in BBC.replace("\n", " ").strip().split("; "))


def script_of(language):
    """What CLDR expects, by its likely subtags."""
    likely = babel.core.get_global("likely_subtags").get(language, "")
    return next((part for part in likely.split("_") if len(part) == 4), "") or langcodes.Language.get(language).maximize().script or ""


def own_name(tag):
    """CLDR's own name of a language, or ''."""
    if tag not in babel.localedata.locale_identifiers():
        return ""
    return babel.Locale.parse(tag).languages.get(tag, "").strip()


def registered_names(tag, name):
    """The English names in the registry of language subtags; none for a variety of another row's language."""
    plain = [text for text in registry().get(tag, []) if "(" not in text and "languages" not in text]
    return [text for text in plain if text != name]


def registry():
    if not hasattr(registry, "names"):
        text = Path(language_data.__file__).with_name("data").joinpath("language-subtag-registry.txt").read_text("utf-8")
        registry.names = {}
        for record in text.split("%%\n"):
            fields = [line.split(": ", 1) for line in record.splitlines() if ": " in line and not line.startswith(" ")]
            tags = [value for key, value in fields if key == "Subtag"]
            if tags and ["Type", "language"] in fields:
                registry.names[tags[0]] = [value for key, value in fields if key == "Description"]
    return registry.names


def individual_codes(code):
    """ISO 639-3 codes that other data use for the same wiki, such as swh for sw; a code that is a wiki of its own is left out."""
    wikis = Family.__dict__["codes"]
    taken = {iso for iso, _ in known_codes().values()} | wikis
    return [one for one, broad in langcodes.data_dicts.NORMALIZED_MACROLANGUAGES.items() if broad == code and one not in taken]


def check(rows):
    """Stop when a row has a hole, or the tables above name a wiki that is not open."""
    wikis = {row["code"] for row in rows}
    for row in rows:
        holes = [name for name in ("dbname", "name", "autonym", "iso639_3", "tag", "script", "direction") if not row[name]]
        assert not holes, (row["code"], holes)
        assert len(row["iso639_3"]) == 3, row
    for table in (known_codes(), pairs(SCRIPTS), by_hand(), services(), BBC_VARIANTS, pairs(ARTICLES)):
        assert set(table) <= wikis, set(table) - wikis
    assert wikis == set(Family.__dict__["codes"]) and not wikis & set(Family.closed_wikis)
    assert set(languages.CLOSED) == set(Family.closed_wikis) - {"ten"}, "ten was a wiki for an anniversary and no language"
    registered = {*langcodes.data_dicts.LANGUAGE_ALPHA3.values(), *registry()}
    odd = [row["iso639_3"] for row in rows if row["iso639_3"] not in registered]
    print(len(rows), "open Wikipedias, as many as pywikibot lists; without a count:", *(row["code"] for row in rows if not row["articles"]))
    print("ISO 639-3 codes newer than the registry in language_data:", *odd)


if __name__ == "__main__":
    rows = build()
    check(rows)
    print(store.write(rows, store.shipped("languages.csv")))

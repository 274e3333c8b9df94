"""Words that carry grammar and no topic, by language."""

_LV = """
aiz ap ar ara ari arī bet bez bija biju bijis bijusi bijusas bus busu but caur cik citi cits dazi del diemzel
drikst drīkst esam esat esi esmu es gan gar gandriz ir ieksa it ja jau jabut jebkads jeb jo jusu jus jums ka
kad kada kadai kadam kadas kade kadel kadi kadiem kados kads kadu kadus kam kapec kas ko kopa kur kura kurai
kuram kuras kuri kuriem kurs kuru kurus lai lidz ludzu labdien labrit labvakar loti man mana manai manam manas
mani manis mans manu manus mes mums mus musu nav ne neesmu nevar nevaru nevienam neviens no nu par pa parasti
paldies pat pec pie pirms pret pats sakara sads sadu sadi sai sajas saja sava savai savam savas savi
savs savu savus si sim so sis sie sos sas siem sveiki sveicinati cau ta tad tadel tads tagad tai taja tam
tapec tas tatad te tev tie tiek tiem tika tiks tikai to tos tu turklat turpat tur un uz vai vairs vajag
vajadzetu vajadzigs vajadzes var varat vareja varesu varetu varam varu vel velos vien vienmer vina vinai vinam
vini vins vinu viniem vinas viss visi visiem visu visa velreiz gribu gribetu gribam velamies itin lūdzu domaju
notiek nepieciesams nepieciesama nepieciesami nepieciesamas sanak daru darit jadara kaut kautkads pasam pasai
zem virs starp vispar kurā kuraa kuros sakiet pasakiet pastastiet
"""

_EN = """
a about after all also am an and any anyone are as at be because been before being but by can cannot could d
did do does doing don for from had has have having he hello her here hi him his how i if in into is it its
just ll m may me might mine more must my need no not of on one or our out over please re s shall she should so
some such t thank thanks than that the their them then there these they this those to too under up us ve very
was we were what when where whether which while who whom whose why will with within would you your yours want
like know tell
"""

_RU = """
а без более бы был была были было быть в вам вас ваш ваша ведь весь во вот все всё всего всех вы где да для до
его ее её ей ему если есть еще ещё же за здесь здравствуйте добрый день и из или им их к как какая какие какой
каких каким какое какую когда кого кому который которая которые кто куда ли либо меня мне мной можно мои мой
моя моё моего моей мы на над надо нам нас наш не него нее неё нельзя нет ни них но ну нужен нужна нужно нужны
о об он она они оно от очень по под пожалуйста после при про привет с сам свой своего своей своих свою себя
скажите со спасибо та так такая такие такой там те тем тех то того тоже той только том тот ту ты у уже хочу
хотел хотела чего чей чем через что чтобы чтоб эта эти это этого этой этом этот эту я подскажите должен должна
делать сделать могу может
"""


STOP_WORDS = {"lv": _LV.split(), "en": _EN.split(), "ru": _RU.split()}

_NEUTRAL = "a am an as do es i is its man mans me no par pat so tad tie to us var"
NEUTRAL = frozenset(_NEUTRAL.split())
"""Small words that do not tell Latvian from English."""

_TRANSLITERATED = """
kak gde kogda mozhno mojno nuzhno nujno poluchit chto kakie kakoj kakoi dlya menya mne zdravstvuyte zdravstvujte
pozhaluysta skolko pochemu esli spasibo privet hochu xochu moj moi moya eto ili podskazhite skazhite kuda kto
"""
TRANSLITERATED = frozenset(_TRANSLITERATED.split())
"""Russian words as they are written in Latin letters."""

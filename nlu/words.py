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

_UK = """
а або але б без би був була були було бути в вам вас ваш ваша весь вже ви він від вона вони все всі для до доброго
дня добрий день дякую є же з за звідки звідси зі і із інший її їй їм їх й його йому коли котрий котра котре котрі
куди кому ким кого ледь ли лише має мати маю мене мені мій моє моєї моєму мої моїй моїх моя мою ми може можна на
навіщо над нам нас наш не неї нема немає ні ніж них но ну о об один однак ось от під після по поки потім потрібен
потрібна потрібні потрібно при про прошу підкажіть скажіть привіт саме свій своє свої своїй своїх свою себе скільки
та так така таке такий такі там те тебе ти тих то того тоді той том треба ту тут у хоча хочу хотів хотіла хто це ця
цей цього цьому цю ці цих чи чим чого чому через щоб що ще як яка яке який які яких якщо якого якої я маємо може
можу мають отримати зробити робити будь ласка вітаю горить пожежа викличте швидку
"""

_LT = """
ačiū apie ar arba aš be bei bet būna būti būtų buvo čia dabar dar dėl gali galima galiu galite galėčiau gera laba
diena sveiki labas gal gi į iki ir iš ja jau jei jeigu ji jie jis jo jos jų jūs jūsų kad kada kai kaip kaipo kam kas
kiek kitas ko kodėl koks kokia kokie kokios kokių kokį kokius kur kuri kuris kurie kurį labai mane man manęs mano
mes mums mūsų nėra ne nei nes nuo nors o pagal pas pat per po prašau prie pro reikalinga reikalingi reikalingas
reikia sakykite savo su sau štai šį ši šis šios šio šita ta tada tai taip tas tą te ten tik to tos tu tuo turi
turiu turime už ur vėl vis visi viso yra noriu norėčiau norime turėčiau padaryti daryti gauti
gaisras namuose bute kvieskite greitąją
"""

_ET = """
aga aitäh alates all ei ega eest enne et ette ehk ennast ga hakata ikka ilma ise ja jaoks juba juures järel ka kas
kaks kaudu keda kelle kellele kes kohta kogu koos kuhu kui kuid kuidas kuni kus kust küll kõik kõige läbi läheb ma
me meie meid meil mida mille millal milleks millega millest millised milline mina mind minu minul mis miks mitte
mitu mul mulle mu mõni muu nad neid need neile nende nii ning no nüüd oleks olen oleme olla oli on oma palun palju
peab pean peaks pärast saa saab saada saaks saan see seda selle sellest sest siin siis siia sina ta taga tahan
tahaks teha teie tema tere päevast teil tuleb tule tänan vaja vajalik vajan veel või võib võin võiks välja üks üle
öelge
"""

STOP_WORDS = {
    "lv": _LV.split(),
    "en": _EN.split(),
    "ru": _RU.split(),
    "uk": _UK.split(),
    "lt": _LT.split(),
    "et": _ET.split(),
}

_NEUTRAL = "a am an as do es i is its man mans me no par pat so tad tie to us var"
NEUTRAL = frozenset(_NEUTRAL.split())
"""Small words that do not tell Latvian from English."""

_TRANSLITERATED = """
kak gde kogda mozhno mojno nuzhno nujno poluchit chto kakie kakoj kakoi dlya menya mne zdravstvuyte zdravstvujte
pozhaluysta skolko pochemu esli spasibo privet hochu xochu moj moi moya eto ili podskazhite skazhite kuda kto
"""
TRANSLITERATED = frozenset(_TRANSLITERATED.split())
"""Russian words as they are written in Latin letters."""

_ASKING = """
kā kur kas kad vai cik kāds kāda kādi kādas kādu kādam kādai kuram kurai kuri kuras kuru kam kāpēc kādēļ ko
how where what when who which why can could do does is are may should whom
как где что когда кто сколько какой какая какие какое какую куда можно нужно надо почему зачем ли кому чем
як де коли хто скільки який яка яке які чи чому kaip kuriuo kiek kodėl ar koks kokia kokie kokių kada
kuidas kus mis millal kes palju millised kas miks milline milliseid kuhu
"""
ASKING = _ASKING.split()
"""Words that a question begins with."""

_TELLING = "ar ka kas do is are may should na ja can could does"
TELLING = _TELLING.split()
"""Those of them that may begin a statement as well: then only the question mark says."""

_REFERRING = """
tas tā to tam tai tos tās tie tiem tajā viņš viņa viņam it that this they them there then he she him
это этого этому эта эти его ее её их там тогда он она они це цього його її їх тоді
"""
REFERRING = _REFERRING.split()
"""Words that speak of what was said before."""

_GENERAL = """
pieteikties jāpiesakās pieteikt iesniegt iesniegumu iesniegums jāiesniedz maksā maksāt maksa jāmaksā samaksa
cena dokumenti dokumentus papīri papīrus vajadzīgi nepieciešami termiņš ilgi ātri iespējams izdarīt rīkoties
vērsties jāvēršas griezties zvanīt jāiet iet doties saņemt saņemšu dabūt noformēt kārtot jākārto nokārtot
pienākas pieejams internetā tiešsaistē elektroniski klātienē palīdzēt palīdziet zināt gribēju jautāt
jautājums tiesības likums jādara sākt pakalpojums laika dienas dienās atteikt nāk
apply application cost costs fee price documents document need long online get help question submit order pay
days week take takes possible deadline legal right
подать заявление документы стоит стоимость цена срок онлайн получить оформить обратиться обращаться делать
помогите вопрос платить долго дней нужны справку бумаги законно
"""
GENERAL = _GENERAL.split()
"""What is asked of any service; it makes no question of its own."""

"""How people and offices say, ahead of time, that nobody is there or that the mail has come in.

Each phrase is a pattern over small letters without marks.
"""

from channels.mail.phrase import any_of, begins

_UP_TO_FOUR = r"(?:[\w.,()#/-]+ ){0,4}"
_UP_TO_NINE = r"(?:[\w.,()#/-]+ ){0,9}"

PREFIXES = begins(
    r"auto: .{1,150}(?:out of|away|absent|on leave|returning|prombutn|atvalinajum|отсутств|отпуск|abwesend)",
    r"(?:automatic reply|automatic response|auto(?:matic|mated)?[- ]?(?:reply|response|responder|answer)|"
    r"autoreply|oof|"
    r"out[- ]of[- ](?:the[- ])?office(?: auto ?reply| reply| notification)?|vacation(?: reply| message| notice)?|"
    r"away from (?:the )?office)"
    r"\s*(?::|$|\[|- )",
    r"(?:automatisk[as]* atbilde|autoatbilde|automatiska atbildes zina|arpus biroja|atvalinajuma pazinojums|"
    r"prombutnes pazinojums)\s*(?::|$)",
    r"(?:автоматическии ответ|автоответ(?:чик)?|отсутствую на рабочем месте|вне офиса|нет на работе|"
    r"ответ автоответчика)\s*(?::|$)",
    r"(?:automatische antwort|abwesenheits(?:notiz|nachricht|meldung|assistent)|abwesend|nicht im buro|"
    r"autoantwort)\s*(?::|$)",
    r"(?:automatinis (?:atsakymas|atsakas|pranesimas)|nesu biure|automaatvastus|automaatne vastus|"
    r"kontorist valjas)\s*(?::|$)",
    r"(?:odpowiedz automatyczna|automatyczna odpowiedz|autoodpowiedz|poza biurem|reponse automatique|"
    r"absence du bureau|"
    r"respuesta automatica|fuera de (?:la )?oficina|risposta automatica|fuori sede|fuori ufficio|resposta automatica|"
    r"automatisch antwoord|automatische beantwoording|afwezigheid|autosvar|automatiskt svar|automatisk svar|"
    r"franvaro|fravaer|"
    r"automaattinen vastaus|poissaoloilmoitus|automaticka odpoved|automaticka odpoved|автоматична відповідь|"
    r"自动(?:回复|答复)|自動(?:返信|応答))"
    r"\s*(?::|：|$)",
)

RECEIVED_SUBJECTS = begins(
    r"(?:\S{0,30} ?)?(?:we (?:have )?(?:got|received) your|your (?:\w+ ){1,3}(?:has been |was )?(?:received|"
    r"registered)|"
    r"thank you for (?:contacting|your (?:message|e-?mail|request|enquiry|inquiry)))",
    r"(?:jusu |paldies)(?:\S+ ){0,4}(?:sanemt|registret|par jusu|ka sazinaj)",
)

ABSENT = any_of(
    rf"(?:esmu|atrodos|busu|sobrid|paslaik|no \S+ lidz \S+) {_UP_TO_FOUR}(?:atvalinajum|komandejum|prombutn|"
    rf"slimibas lap|darbnespej|dekret|"
    r"arpus biroja|macib|berna kopsan)",
    rf"(?:neesmu|nebusu|nav) {_UP_TO_FOUR}(?:darba\b|biroja|darba vieta|sasniedzam|pieejam|uz vietas)",
    r"(?:prombutne|atvalinajuma|komandejuma) (?:lidz|no \d)|(?:ilgstosa|pagaidu) prombutne|(?:mani|mane|vinu) "
    r"(?:[\w.]+ ){0,3}aizvieto|mans aizvietotajs|atgriesanas \d|(?:esmu|atrodos) (?:\w+ ){0,3}(?:izbraukum|misij|"
    r"atputa)|"
    r"atpusos|stradasu atkal|busu atkal|(?:atgriezisos|atgriezos|busu atpakal|atsaksu darbu|"
    r"manas prombutnes|prombutnes laika|esmu (?:prom|arpus)|esmu atvalinajum|uz e-?pastiem neatbild|"
    r"e-?pastus? (?:ne|lasisu retak)|nelasu e-?pastu)",
    rf"(?:vairs nestradaju|vairs neesmu|nestrada {_UP_TO_FOUR}(?:vairs|iestade)|"
    rf"darba attiecibas {_UP_TO_FOUR}(?:ir )?(?:iz)?beig|vairs nestrada|"
    r"partrauc\w+ darba)",
    rf"(?:birojs|iestade|uznemums|kanceleja|nodala|skola|bibliotek\w|klientu \w+ centrs?) {_UP_TO_NINE}(?:slegt|"
    rf"nestrada|ciet|kolektiv)",
    rf"(?:нахожусь|я|сеичас|буду|пребываю|нахожусь|ушел|ушла|сотрудник|сотрудница) {_UP_TO_FOUR}(?:в отпуск|отпуске|"
    rf"командировк|декрет|больничн|вне офис|отъезде)",
    r"(?:в (?:ежегодном |очередном |декретном )?отпуске (?:с|до|по)|отсутству(?:ю|ет)|буду отсутствовать|"
    r"меня не будет|меня нет|не буду на|"
    r"вернусь|выи?ду на работу|больше не работа|уже не работа|уволил(?:ся|ась)|отпуск (?:с|до|по) \d|"
    r"не работаю (?:в|здесь)|не на рабочем месте|"
    r"на период моего|во время моего)",
    rf"(?:офис|учреждение|компания|организация|отдел) {_UP_TO_NINE}(?:закрыт|не работает)",
    r"out of (?:the )?office|\b(?:am|is|be|i’m|i'm) ooo\b|\booo (?:until|till|from)|(?:on|"
    r"taking) (?:\w+ ){0,3}(?:vacation|holidays?|leave)\b|away from (?:my |"
    r"the )?(?:desk|office|e-?mail|work|computer)",
    rf"(?:i am|i'm|i’m|i will be|i'll be|is|are) {_UP_TO_FOUR}(?:away|absent|travell?ing|unavailable|not (?:in|"
    rf"at) (?:the office|work)|on leave)",
    r"no longer (?:work|employed|with|at)|(?:have|has) left (?:the|our)\b|"
    r"(?:be|am) back (?:on|in|at)|"
    r"(?:will )?(?:be )?return(?:ing)? (?:to (?:the office|work) )?on|back in (?:the )?office|in my absence|"
    r"during my absence|"
    rf"limited access to (?:my )?e-?mail|(?:office|offices|we) (?:is|are|will be) {_UP_TO_FOUR}closed|"
    rf"(?:maternity|parental|paternity|sick|annual) leave|"
    r"not (?:be )?(?:able to )?(?:read|check|respond|reply|answer)\w*(?: to)? (?:my |your )?(?:e-?mails?|"
    r"messages?)|only sleeping",
    rf"(?:bin|befinde mich|wir sind|ich) {_UP_TO_FOUR}(?:im urlaub|abwesend|verreist|nicht im (?:haus|buro)|"
    rf"ausser haus|nicht erreichbar|in elternzeit|"
    r"im mutterschutz|krank)",
    rf"(?:abwesenheit|elternzeit|mutterschutz|nicht mehr (?:im unternehmen|bei |fur |in unserem)|"
    rf"wieder (?:da\b|fur sie da|im buro|erreichbar|zuruck)|"
    rf"(?:buro|praxis|kanzlei|betrieb) {_UP_TO_NINE}geschlossen|betriebsferien|werden nicht gelesen|zuruck am)",
    rf"(?:esu|siuo metu|busiu|dabar) {_UP_TO_FOUR}(?:atostog|komandiruot|isvyk|nedarbingum|motinystes|tevystes|"
    rf"vaiko prieziuros|nedirbu)",
    rf"(?:atostogose|atostogauju|nesu (?:darbe|biure|darbo vietoje)|nebusiu (?:darbe|biure)|manes (?:nebus|nera)|"
    rf"grisiu|nebedirb|mano nebuvimo|"
    rf"(?:biuras|istaiga|kontora) {_UP_TO_NINE}(?:nedirb|uzdaryt))",
    rf"(?:olen|viibin|hetkel|praegu) {_UP_TO_FOUR}(?:puhkus|lahetus|eemal|haigusleh|lapsehooldus|kontorist|ara)",
    rf"(?:ei (?:viibi|ole|asu|ole hetkel) {_UP_TO_FOUR}(?:kontoris|tool|kattesaadav)|tagasi {_UP_TO_FOUR}(?:tool|"
    rf"kontoris|alates)|asun puhkusele|minu puhkus|minu araolek|"
    rf"ei toota (?:enam|alates)|enam {_UP_TO_FOUR}ei toota|kontor {_UP_TO_NINE}suletud|puhkan)",
    r"(?:jestem|bede|przebywam) (?:\w+ ){0,4}(?:na urlopie|nieobecn|poza biurem|na zwolnieniu)|wracam|"
    r"nie pracuje juz|w czasie mojej nieobecnosci",
    r"(?:je suis|je serai|actuellement) (?:\w+ ){0,3}(?:absent|en conge|en vacances|hors)|"
    r"fuera de (?:la )?oficina|estare? (?:\w+ ){0,3}(?:ausente|de vacaciones)|"
    r"(?:sono|saro) (?:\w+ ){0,3}(?:assente|in ferie|fuori)|(?:estou|estarei) (?:\w+ ){0,3}(?:ausente|de ferias|"
    r"fora)",
    r"(?:ik ben|momenteel) (?:\w+ ){0,4}(?:afwezig|met (?:vakantie|verlof)|niet (?:op kantoor|aanwezig))|(?:jag|"
    r"jeg) (?:ar|er) (?:\w+ ){0,3}(?:pa semester|"
    r"pa ferie|bortrest|fravaerende|ikke pa kontor|inte pa kontor|tjanstledig)|(?:olen) (?:\w+ ){0,3}(?:lomalla|"
    r"poissa|vuosilomalla|matkoilla)",
    r"(?:jsem|budu) (?:\w+ ){0,4}(?:mimo kancelar|na dovolene|nepritom)|у відпустці|буду відсутн|"
    r"我(?:正在|目前)?(?:休假|"
    r"不在)|不在にし|休暇",
)

BY_PROGRAM = any_of(
    rf"will be out of the office starting {_UP_TO_NINE}and will not return until|"
    r"this is an automated response to your message|"
    r"this is the only notification you will receive while this person is away"
)
"""sentences that a program writes around what the person told it"""

RECEIVED = any_of(
    rf"(?:jusu|sis|tavs|tava) {_UP_TO_FOUR}(?:e-?past|vestul|iesniegum|zinojum|zina|zinu|pieteikum|sutijum|jautajum|"
    rf"pieprasijum|iesutijum|dokument)\w* {_UP_TO_FOUR}(?:sanemt|registret|pienemt)",
    rf"apstiprin\w+ {_UP_TO_FOUR}sanemsan|(?:jusu|tava) {_UP_TO_FOUR}(?:nonakus|sasniegus|sanemta)|"
    r"подтверждаем получение|подтверждаем,? что|patvirtin\w+,? (?:\w+ ){0,3}(?:gav|kad)|"
    r"kinnita\w+ (?:\w+ ){0,3}(?:katte|saa)|"
    rf"bestatig\w+ {_UP_TO_FOUR}(?:eingang|erhalt)|(?:we|i)['’]ve (?:received|got)",
    r"(?:esam|ir|tika) sanem(?:ta|ts|ti|usi|usas) (?:jusu|un)|sanemam jusu|sanemts un registret|"
    r"paldies(?:,)? ka (?:sazin|rakst|vers|uzrunaj)|paldies par (?:jusu )?(?:vestuli|e-?pastu|zinu|zinojumu|"
    r"iesniegumu|jautajumu|sazinu)",
    rf"(?:ваше|ваш|ваша) {_UP_TO_FOUR}(?:получен|зарегистрирован|принят|поступил)|мы получили ваш|"
    rf"спасибо,? что (?:написали|обратились|связались)|"
    r"(?:спасибо|благодарим)(?: вас)? за (?:ваше? )?(?:обращение|письмо|сообщение|запрос)",
    rf"(?:we|i) (?:have )?(?:received|got) your|"
    rf"your {_UP_TO_FOUR}(?:has been|was|is) (?:successfully )?(?:received|registered|logged|created|accepted)|"
    r"thank(?:s| you) for (?:contacting|writing|reaching|"
    r"your (?:e-?mail|message|letter|request|enquiry|inquiry|application))|acknowledge(?:s|ment)? (?:the )?receipt|"
    r"confirms? (?:the )?receipt|ticket (?:\S+ )?(?:has been|was) (?:created|opened) (?:for|from|with) you",
    rf"(?:ihre|ihr|deine) {_UP_TO_FOUR}(?:erhalten|eingegangen|empfangen|registriert)|"
    rf"(?:haben|habe) {_UP_TO_FOUR}(?:erhalten|bekommen)|vielen dank fur ihre|eingangsbestatigung",
    rf"(?:jusu|tavo) {_UP_TO_FOUR}(?:gaut|gavome|uzregistruot|priimt)|(?:gavome|gautas|gauta) jusu|aciu,? kad|"
    rf"dekojame (?:uz|kad|jums)",
    rf"(?:teie|sinu) {_UP_TO_FOUR}(?:katte saadud|vastu voetud|registreeritud|saabunud|joudnud|kattesaadud)|"
    rf"(?:oleme|saime) {_UP_TO_FOUR}(?:katte|kirja)|taname (?:teid|poordumise|kirja)|aitah,? et",
    r"otrzymalismy (?:panstwa|twoja|pana)|dziekujemy za|nous avons bien recu|accuse de reception|hemos recibido|"
    r"abbiamo ricevuto|recebemos (?:a )?sua|we hebben uw|vi har mottagit|vi har modtatt|vi har modtaget|"
    r"viestisi on vastaanotettu|obdrzeli jsme",
)

AUTOMATIC = any_of(
    r"automatisk\w+ (?:pazinojum|atbild|generet|nosutit|izveidot|sagatavot|vestul|zin)",
    r"автоматическ(?:ое|ии) (?:сообщение|ответ|уведомлени|письмо)|(?:создано|отправлено) автоматически",
    r"this is an? auto|automatically generated|do not reply|automatisch (?:generiert|erstellt|versendet|erzeugt)",
    r"automatini[sou]|automaat(?:ne|selt|vastus)",
)

BACK = any_of(
    r"lidz \d|lidz pirmdien|atgriez|aizvieto|steidzam|rakstiet|rakstit|versieties|zvaniet|atsaksu|busu atpakal",
    r"до \d|до понедельн|вернусь|выи?ду|по срочным|обращаитесь|пишите|звоните|замещает",
    r"until|return|back (?:on|in|at)|contact|urgent|meantime|bis (?:zum )?\d|zuruck|wenden sie sich|dringend|vertret",
    r"iki \S+|grisiu|kreipkites|rasykite|skubiais|kuni \d|tagasi|poorduge|kirjutage|kiireloomul",
)
"""what a note of absence tells, and a person who is away while asking seldom does"""

ASKS = any_of(
    r"\?|ludzu,? (?:paskaidr|palidz|pasak|izskaidr|noradiet|informejiet|atbildiet|pagarin|nosutiet)|(?:velos|"
    r"gribu|gribetu|velejos|varetu|vai (?:es )?var)\b|"
    r"ka (?:man|es|var)\b|ko (?:man )?darit",
    r"прошу (?:вас )?(?:раз|помо|под|со|от|пр|на)|подскажите|пожалуиста,? (?:раз|под|со|помо)|как (?:мне|я)|хочу|"
    r"хотел(?:а)? бы|что (?:мне )?делать",
    r"please (?:explain|help|advise|tell|extend|let me)|(?:how|where|what|when) (?:do|can|should|am|is) i|"
    r"i (?:want|would like|need|wish) to",
    r"bitte (?:erklaren|helfen|teilen)|ich (?:mochte|wurde)|prasau (?:paaiskin|padek|pratesti)|noriu|norėčiau|"
    r"noreciau|palun (?:selgitage|aidake)|soovin",
)

"""How servers say that a mail did not arrive. Each phrase is a pattern over small letters without marks."""

from channels.mail.phrase import any_of, begins

SUBJECTS = begins(
    r"(?:undeliver(?:able|ed)|non-?deliver(?:able|y|ed)|not delivered)(?: (?:e-?)?(?:mail|message)s?\b|[: ]|$)",
    r"delivery (?:status|failure|failed|report|delayed?|has failed|error|problem|unsuccessful|notification|"
    r"not possible)",
    r"(?:permanent |temporary )?(?:mail |message |e-?mail )?delivery (?:failed|failure|error|status|problem|delay|"
    r"has failed)",
    r"(?:your )?(?:e-?mail|message|mail)(?: you sent)? (?:was |has been |is )?(?:not delivered|undeliverable|"
    r"blocked|rejected"
    r"|delayed|returned|failed|quarantined|could not be (?:delivered|sent))",
    r"mail (?:system error|failure|failed|error|status|returned|could not)",
    r"message (?:not (?:delivered|sent)|status - (?:undeliverable|failed)|delivery|you sent blocked|rejected|"
    r"delayed)",
    r"(?:mail |message )?failure(?: notice| notification| report|: )|failure notice|failed mail|failed to deliver",
    r"returned (?:(?:e-?)?mail|message|to sender)|return(?:ed)? (?:receipt failed|to sender)|"
    r"returning (?:mail|message)",
    r"(?:sorry, )?(?:your )?(?:message|mail|e-?mail)(?: \S+){0,4} (?:could not|couldn't|cannot|"
    r"can't) be (?:delivered|sent)",
    r"(?:unable to|could not|couldn't|cannot) (?:deliver|send) ",
    r"warning: (?:message|could not send|mail|e-?mail)|delayed (?:mail|message)|transient (?:mail|delivery)",
    r"(?:\S{1,80} )?mail delivery (?:failed|failure|delayed|status|problem|error|warning)",
    r"bounced? (?:e-?mail|message|notification)|rejected (?:e-?mail|message|mail)|e-?mail bounce|(?:auto)?bounce:",
    r"delivery to \S+(?: \S+){0,6} failed|postmaster notify|problems? delivering|error (?:sending|delivering)|"
    r"mail not delivered|undelivered mail",
    r"notice: mail delivery|considered unsolicited|banned (?:contents|file)|virus \S{0,60} ?in (?:your )?mail|"
    r"virus found in|your mail to|message from \S+ (?:rejected|bounced)|mail refused|dead letter|"
    r"(?:recipient|user|mailbox|address) (?:unknown|not found|full|unavailable|rejected)|unknown (?:user|"
    r"recipient|address)",
    r"(?:you |\S{1,80} ){0,3}(?:are |is )?not (?:a )?member|your message to \S+ (?:awaits|was|has been|is)|"
    r"post by non-?member|"
    r"loop alert|mail loop|(?:submission|posting|message|request) (?:to \S+ )?(?:rejected|denied|held)|"
    r"content filtered message",
    r"(?:e-?pasta |zinojum\w+ |vestul\w+ |sutijum\w+ )?(?:nav|netika|nevar(?:eja)? tikt) (?:piegadat|nosutit)",
    r"nepiegada(?:t|jam|mib)\w*|piegades (?:kluda|statuss|statusa|neveiksme|pazinojums)|nevar(?:eja)? piegadat",
    r"(?:ваше |сообщение |письмо |почта ){0,3}(?:не (?:было |может быть )?доставлен|недоставлен)",
    r"недоставл|не ?удал?ось доставить|не удается доставить|невозможно доставить|ошибка (?:при )?доставк|"
    r"уведомление о (?:состоянии |статусе )?(?:не)?доставк|сбои доставк|отчет о недоставк|возвращен(?:о|ная|ное)|"
    r"не доставлено",
    r"unzustellbar|nicht zustellbar|nicht zugestellt|zustellung (?:fehlgeschlagen|nicht)|"
    r"fehler bei der (?:zustellung|"
    r"nachrichten)|zustell(?:ung|status|fehler|problem)|ihre (?:e-?mail|nachricht) (?:konnte|wurde) nicht|"
    r"mailzustellung",
    r"nepristatyt|nepavyko pristatyti|ne(?:imanoma|galima) pristatyti|pristatym\w+ (?:klaida|nepavyko|busen)|"
    r"laiskas nepristatyt",
    r"kattetoimetamat|kohaletoimetamat|edastamat|(?:kirja|sonumi|kirja) (?:ei saanud|kattetoimetamine|edastamine)|"
    r"ei (?:saa|saanud) (?:katte|kohale) toimetada|tarnimata|toimetamine ebaonnestus",
    r"niedostarczon|niedostarczalne|nie (?:mozna|udalo sie) dostarczyc|nie dostarczono|zwrot (?:wiadomosci|poczty)",
    r"non remis|echec de (?:la )?(?:remise|distribution)|non distribu|message non|no se puede entregar|no entregado|"
    r"error (?:de|en la) entrega|impossibile (?:recapitare|consegnare)|non recapitabile|mancata consegna|"
    r"avviso di mancata",
    r"nao (?:e possivel|foi possivel) entregar|nao entregue|onbestelbaar|niet bezorgd|olevererbar|kan (?:inte|"
    r"ikke) levere|"
    r"uleverbar|ikke levert|ei toimitettavissa|toimittaminen epaonnistui|viestia ei voi|nedoruciteln|nelze dorucit|"
    r"doruceni selhalo|недоставлен|не доставлен|kezbesithetetlen|teslim edilemedi|nu (?:a putut|poate) fi livrat",
    r"配信不能|配信エラー|送信エラー|メール送信|配達|未送信|宛先不明|退信|系统退信|无法(?:投递|送达)|投递失败|无法投递",
)

SAID = any_of(
    r"(?:could|can|did|was|were|is|has|have)(?: ?not|n't)(?: yet)?(?: been| be)? (?:successfully )?(?:delivered|"
    r"sent to|deliverable|reach "
    r"the following)",
    r"cannot be delivered|undeliverable|undelivered|not be delivered|failed to (?:deliver|reach|send)|"
    r"delivery (?:has )?failed",
    r"delivery (?:to the following|attempts? (?:failed|will)|failure|failed|status notification|of (?:this|your|"
    r"the) message|of (?:the |your )?e-?mail to)|has been (?:postponed|deferred)",
    r"(?:was|wasn't|were|is|been)(?: not)? (?:un)?able to deliver|unable to (?:deliver|relay|send)|could(?:n't|"
    r" not) deliver",
    r"error(?:s)? (?:while )?delivering|had (?:permanent |transient )?(?:fatal |delivery |non-fatal )*errors|"
    r"had (?:delivery|fatal) problems|delivery errors",
    r"this is the (?:mail system|qmail|postfix|dragonfly|\S+ (?:program|mail system)|mail delivery)",
    r"created automatically by (?:the )?mail delivery|returned (?:to (?:sender|you)|below|message|mail)|"
    r"(?:your|the) (?:message|mail|e-?mail)(?: \S+){0,12} (?:rejected|bounced|blocked|returned|undeliverable|"
    r"delayed|discarded|refused)",
    r"message (?:log|text) follows|message could not|message not delivered|non-?delivery|user unknown|"
    r"unknown user|no such user|"
    r"mailbox (?:is )?(?:full|unavailable|not found|over quota)|over (?:disk )?quota|"
    r"recipient (?:address )?rejected|does not exist|"
    r"not listed in|host (?:unknown|not found)|no such (?:mailbox|address|recipient)|address (?:not found|rejected)",
    r"automatic bounce|bounce notification|delayed mail|message delayed|still being retried|has been delayed|"
    r"transcript of (?:the )?session|diagnostic information for administrators|failed addresses|"
    r"rejected by the recipient",
    r"not (?:a )?members? of (?:this|the) (?:mailing )?list|only members may|not allowed to post|"
    r"awaits? moderator|being held until|"
    r"non-member submission|(?:recipients?|addresses) (?:returned|had|with) (?:permanent )?errors|"
    r"requested action not taken|"
    r"invalid (?:user|recipient|address|mailbox)|(?:^| )55[0-4][ -]",
    r"(?:nav|netika|nevareja|nevar|neizdevas|nebija iespejams)(?: \S+){0,4} piegada(?:t|ts|ta|ti)|nepiegadat",
    r"не (?:может быть |было |могло быть |удалось |удается |смог\S* )?доставлен|недоставлен|доставить (?:не|ваше|"
    r"письмо|сообщение)|"
    r"невозможно доставить|не удал(?:ось|ась) достав",
    r"(?:nicht|konnte nicht) (?:zugestellt|ubermittelt|ausgeliefert)|unzustellbar|"
    r"zustellung (?:\S+ ){0,5}fehlgeschlagen",
    r"nepristatyt|nepavyko pristatyti|nebuvo pristatyt|ei (?:saanud|saa|onnestunud)(?: \S+){0,5} (?:toimetada|"
    r"edastada)|"
    r"nie (?:mogla|moze|zostala|udalo)(?: \S+){0,4} dostarcz|n'a pas pu etre|no se (?:pudo|ha podido) entregar",
    r"non e stato possibile (?:recapitare|consegnare)|nao pode ser entregue|kon niet worden (?:bezorgd|afgeleverd)|"
    r"kunde inte levereras|kunne ikke leveres|ei voitu toimittaa|"
    r"配信できません|送信できません|エラーのため|届け(?:ら|する)|无法投递|退回",
    r"[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}|\(#[45]\.\d\.\d\)|smtp error|>>> (?:rcpt|data|mail)",
)

LATE = any_of(
    r"warning message only|do not need to resend|has been delayed|not (?:yet )?been delivered (?:yet|to one)|"
    r"has not yet been delivered|"
    r"has been (?:postponed|deferred)|"
    r"will (?:be retried|continue|keep trying|retry)|still being retried|delivery attempts will continue|"
    r"delayed \d+ hour|"
    r"message will be retried|delivery (?:is |was )?delayed|temporar(?:y|ily)(?: \S+){0,3} (?:problem|failure|"
    r"delayed)",
    r"awaits? moderator|being held until|aizkavets|velak meginas|доставка (?:сообщения |письма )?(?:задержана|"
    r"отложена)|verzogert|veluoja|viibib",
)
SURE = any_of(
    r"permanent(?:ly)?|given up|giving up|gave up|not going to try|no longer try|too long|too old|expired|"
    r"user unknown|unknown user|"
    r"no such user|does not exist|not exist|retry time(?:out)? exceeded|could not be delivered for"
)

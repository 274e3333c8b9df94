"""Which three letters in a row speak for Latvian (above 0) or for English (below); ^ and $ are the edges of a word.

Without diacritics; counted over dictionaries of both languages and over the names and areas of the institutions;
rounded natural logarithms of the odds.
"""

_TRIGRAMS = {
    -4: """
^a$ ^ch ^co ^cr ^ex ^of ^ov ^sc ^wo act al$ ary ax$ bou cal cat cha chi com con cor cou ct$ cti cy$ eco ect ed$
er$ ge$ ght gy$ hea hin igh ing ity lly ly$ ncy nd$ ng$ ngs nt$ oad of$ on$ or$ oun our out rd$ ry$ shi sup tax
ted th$ the tio try ty$ uct vic wor
""",
    -3: """
^cl ^ec ^em ^fa ^fl ^he ^hy ^ou ^ph ^qu ^sh ^sw ^sy ^th ^wa ^we ^wh ^wi abl acc ach ack add aff all an$ ang aph
ash ass ath ay$ aym ben ble boa bui cad can car ce$ ch$ che cho ck$ cke cks cla cle col cra cre cri cro cs$ cto
ctr cul cur dec def dge doc dog dy$ eac eas ecl efi ell ely en$ err erv ery esc ess eth ett ety eue exa exp ext
fam far fet ffi fic fie foo ful gin gly gn$ gua har he$ hed hel her hes hic hil hoo hou hts ic$ ica ick ics ict
icy iff ify ily inc ion iou ip$ ith jec law lec ll$ lli lop low loy lth mic mmi mpl mun nch nge nif nsh ock off
ogy oin ol$ oll omm ood oph opm ore ork orr ory oth ous owe own pay pha phi pho phy pme ppe ppl ppo qua que qui
rch re$ ree rk$ rm$ roa rou rri rt$ rth rty rvi sch sco scr sh$ sha she sly sse st$ tch tec tee thi tho tme tte
uag uar ue$ ueu uil unc unt upp ut$ uth via wel win wit ws$ xam yed yin yme yst
""",
    -2: """
^ab ^ac ^an ^bo ^ca ^cu ^en ^eu ^fe ^fo ^fr ^fu ^ha ^hi ^ho ^im ^to abo ad$ age air anc and app arc arm arr ate
bor bro cas cer cip cum cus deb der duc ebt ech eed ees eig el$ emp enc erm erp ers eur eve fen fir fit for fun
ged ges gni gs$ hal han hip hor ian iat ice id$ ign il$ ill in$ ine ise ish ive ked kin ld$ lea led ler lic lin
lla lle mit mpa nce nco nde nef ngl ngu nic nin nme nst nvi oar ocu od$ ois old omb omp ons ool ord orn ove ped
ple rap rde rea rep rev rge ria ric riz rmi roc roo rro rse saf sea sed ses sho sid sio ssi sub sur te$ tia tic
tin tre ull und une upt urt use vio zed
""",
    -1: """
^ad ^ag ^as ^bu ^de ^do ^fi ^go ^gu ^in ^lo ^mo ^mu ^pe ^pl ^po ^pr ^pu ^re ^ro ^se ^st ^su ^ta ^tr ^un adm afe
ail alt ans are ati bil bli ces cia cit ded den dev dic din dis dmi ds$ eal ear eat ee$ efe emb end ent erc erg
eri ert es$ fin gen his hol ia$ ial ici ifi ild ile ili imp inf ins int iol ipa ire it$ ivi ize lan lar lat le$
log ls$ mar me$ med men mer min mis mon nal nan nat nci ne$ nfo nit niz ns$ nte ntr nts olo ome oni ont ope ora
ori orm ort ote per pin pla plo pol por pre pro ps$ pti pub ral ran rat rec red ref rem ren res rim rin rol ron
rop rot rs$ se$ ser sin soc spo ss$ ste tan tat ten ter tes tif tom tor tro ubl ula ume uni ure ve$ vel ven ver
ze$
""",
    1: """
^ai ^ap ^ar ^au ^da ^ga ^gi ^li ^ma ^no ^pa ^sa ^sl ^ti ^tu ^ve ada adi aga aim alo alp ams ani apa ar$ ara ars
asi ata atr ats atv aul aun aut avi avo bal ber cel cio das dit dro ela eli ena eno epa epi ern esi esu et$ eta
eti eva evi gai gas gli idi ied iga ils ime ina irs ivo iza ks$ las lde lib lig lim los mai mas mes ms$ mus nac
nam ned nes net oso ota par pas pel pra rad ram ras rie roj ros rst rta sim sla smi sti sus tai tie tis tum tus
una us$ uto ves zin
""",
    2: """
^at ^ja ^pi ^sk ^ug ^va ^vi ^za ^ze aba aci ak$ aki ala alg als amu anu apr arb aro arv aud aug aus aza azi bib
bie cep da$ die dos eai ece eci eda edr eic eiz eki eln emu esk esl etu ezi fon gim gus ibu ien iev igu iks im$
imn ino irg irk is$ isn isv jot kad kal kra ksi ksp kta lep lga lie lik lod lpo lso lta lu$ mam maz mi$ mie mir
mni mos nai nau neb neg nei nem nen nev nig no$ nos noz ntu nus nva obe oda odo osi osu ot$ pa$ pak pie pil pir
pma poj pus ra$ rau rba rbi rda rej rek ri$ rik rka rsa rva sa$ sas sau sgr sib ski sle sli sni sod sot sts stu
sve ta$ tad tak tam tas tau tba tig tir tos tul ude uma umi vad var vis vok zar zda zel zet zid zir zma zzi
""",
    3: """
^ak ^ip ^ka ^kl ^kr ^ku ^ne ^sv ^zi ^zv adz ais aks akt ald am$ ama ana apk apl apm aru arz as$ asa asv atb atk
atl auj bas bez bu$ buv cig cu$ dam dar dej dek di$ dib dij dni du$ dza ei$ eie eik eji ejo eju eko eku esa eza
fik gad gu$ gum ie$ iea ieg iep iet iez ija iji ikt iku imt ivn izg izm izp jak jat jau jek ji$ jis js$ jum jus
ka$ kan kap kar kat kci ki$ kie kli klu ko$ koj kol kom kon kre kri ksn kst kti ktu kul kur la$ lak lau lej lek
li$ lid lko lni loj lok lst ma$ mak mej mez mib nas nea nej nek nep nez ni$ nie nod noj ojo oju os$ osa oza pab
pej pka rak rdz rij rku rnu ru$ sai sak sam san sar sek sie sij sku so$ sos sud sva tav tei tej tek tib tij tik
tla tni uda ugu uja uks uku ulk ums umu un$ uso usu uz$ uzn uzt vai vaj vak val vej vie vni za$ zal zam zej zek
zga zgl zie zig zim zis zne zra zsa ztu zu$ zve
""",
    4: """
^dz ^ek ^ie ^iz ^ko ^uz ai$ aiz aja aji ajo aju aka ako aku auk ba$ cib cij dok dze dzi edz eja eka ekl eks ekt
em$ gaj gak iba idz iec iek iem iju ika isk izs ja$ jai jam jas jie jos ju$ kai kaj kak kam kas kla kos ksa ku$
kum kus maj mu$ na$ naj nak nu$ oja okl saj si$ ska sko su$ taj ti$ trs tu$ udz usa zem zib ziv
""",
}

ODDS = {trigram: odds for odds, trigrams in _TRIGRAMS.items() for trigram in trigrams.split()}

package language

import "strings"

// languages in Latin letters that are told by their common words.
var languages = [...]string{"de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr"}

// commonWords says for each word in which of languages it is common, a bit each.
// Words that English has too ("die", "on", "me", "a") are left out.
var commonWords = join(map[string]string{
	"de": `der das den dem des ein eine einen einem einer eines und oder aber ist sind bin bist war waren wird werden wurde ich du er sie
		wir ihr mich mir dich dir uns euch mein meine meinen meinem meiner dein deine unser unsere ihre ihren nicht kein keine keinen wo wie
		warum wann wer wen welche welcher welches kann kannst können könnte könnten möchte möchten will wollen muss müssen soll sollte habe
		hast hat haben hatte gibt geht machen mache macht bitte danke für mit von vom bei beim zu zum zur auf aus nach seit über unter vor
		durch ohne gegen noch schon nur auch sehr mehr immer wieder dass wenn weil als einfach jetzt heute morgen gestern viel viele kostet
		funktioniert zurück diese dieser dieses diesen im ins am es`,
	"fr": `le la les un une des du de et ou mais est sont suis es sommes êtes était je tu il elle nous vous ils elles mon ma mes ton ta tes
		son sa ses notre nos votre vos leur leurs ne pas plus jamais où comment pourquoi quand qui que quoi quel quelle quels quelles peux
		peut pouvez puis veux voudrais veut dois doit faut ai as avez avons ont fait faire faites pour avec sans dans sur sous chez par
		entre depuis encore déjà aussi très bien merci bonjour svp ce cet cette ces ça cela au aux en se si mot aide écris écrire mes
		aujourd demain hier combien est-ce qu c j l d n s`,
	"es": `el los las una unos unas y o pero es son soy eres está están estoy era yo tú él ella nosotros ustedes mi mis tu tus su sus
		nuestro nuestra no dónde donde cómo como cuándo cuando quién qué que cuál cuánto cuánta cuántos por para con sin en del al sobre
		entre desde hasta puedo puede puedes pueden quiero quiere quisiera necesito tengo tiene tienes hay ha han he hace hacer hice ser
		muy más también ya todavía aún siempre nunca gracias hola porque pues este esta estos estas ese esa eso mañana ayer hoy favor
		me se lo la le un de escribe`,
	"it": `il lo gli della dello degli delle del dei una uno e ma sono sei siamo è era io tu lui lei noi voi mio mia miei mie tuo tua non
		dove come perché quando chi che cosa quale quanto posso può puoi possono voglio vorrei devo deve ho hai ha abbiamo hanno per con
		senza nel nella sul sulla dal dalla anche molto più già ancora sempre mai grazie ciao questo questa questi queste oggi domani`,
	"pt": `os um uma uns umas e mas é são sou estou está eu você ele ela nós meu minha meus minhas seu sua não onde como porque quando
		quem que qual quanto posso pode quero queria preciso devo tenho tem há foi fazer faz para por com sem em no na nos nas do da dos
		das ao sobre também muito mais já ainda sempre nunca obrigado obrigada olá este esta isso hoje ontem amanhã`,
	"nl": `het een en maar zijn ben bent is ik jij je hij zij wij mijn jouw niet geen waar hoe waarom wanneer wie wat welke kan kunt
		kunnen wil willen moet moeten heb hebt heeft hebben voor met van bij naar uit over ook nog wel zeer meer dank bedankt hallo deze
		dit dat mij aub graag`,
	"pl": `jest są jestem nie tak i w z na do się mój moja moje gdzie jak dlaczego kiedy kto co czy mogę może chcę proszę dziękuję mam ma
		dla od po przez już jeszcze bardzo też`,
	"sv": `är och inte jag du han hon vi mitt min mina ditt var hur varför när vem vad kan vill måste har hade för med från på till av
		också mycket tack hej det den detta jag`,
	"tr": `ve bir bu şu ben sen biz siz benim nerede nasıl neden ne zaman kim mi mı var yok için ile değil çok daha lütfen teşekkürler
		merhaba istiyorum`,
})

// englishToo are common words of other languages that stand in English texts.
const englishToo = `die war am as is on in me a i he her us no not his mine also so man ma plus son sale but or par do has had see van
	over will was hat bin gift are all an at be by can per via mi main max sin var min far it im till to too that this there pas
	c d e j l n s o y x com ha ne ni men sen ben dare far here`

func join(lists map[string]string) map[string]uint16 {
	out := map[string]uint16{}
	for i, code := range languages {
		for w := range strings.FieldsSeq(lists[code]) {
			out[w] |= 1 << i
		}
	}
	for w := range strings.FieldsSeq(englishToo) {
		delete(out, w)
	}
	return out
}

package engine

import (
	"context"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/router/language"
)

// Sentences that an embedder is tried with, in English and translated.
var (
	tried       = []string{"Where is my parcel?", "I forgot my password.", "The printer does not work.", "Write a poem about autumn.", "How much is fifteen percent of eighty?"}
	translation = map[string][]string{
		"de": {"Wo ist mein Paket?", "Ich habe mein Passwort vergessen.", "Der Drucker funktioniert nicht.", "Schreibe ein Gedicht über den Herbst.", "Wie viel sind fünfzehn Prozent von achtzig?"},
		"fr": {"Où est mon colis ?", "J'ai oublié mon mot de passe.", "L'imprimante ne fonctionne pas.", "Écris un poème sur l'automne.", "Combien font quinze pour cent de quatre-vingts ?"},
		"es": {"¿Dónde está mi paquete?", "He olvidado mi contraseña.", "La impresora no funciona.", "Escribe un poema sobre el otoño.", "¿Cuánto es el quince por ciento de ochenta?"},
		"zh": {"我的包裹在哪里？", "我忘记了密码。", "打印机坏了。", "写一首关于秋天的诗。", "八十的百分之十五是多少？"},
		"ja": {"荷物はどこですか。", "パスワードを忘れました。", "プリンターが動きません。", "秋についての詩を書いてください。", "八十の十五パーセントはいくつですか。"},
		"ar": {"أين طردي؟", "نسيت كلمة المرور.", "الطابعة لا تعمل.", "اكتب قصيدة عن الخريف.", "كم يساوي خمسة عشر بالمئة من ثمانين؟"},
		"ru": {"Где моя посылка?", "Я забыл пароль.", "Принтер не работает.", "Напиши стихотворение об осени.", "Сколько будет пятнадцать процентов от восьмидесяти?"},
		"hi": {"मेरा पार्सल कहाँ है?", "मैं अपना पासवर्ड भूल गया।", "प्रिंटर काम नहीं कर रहा है।", "शरद ऋतु पर एक कविता लिखो।", "अस्सी का पंद्रह प्रतिशत कितना होता है?"},
	}
	// untried languages are known where most of those that were tried are.
	untried = []string{"it", "pt", "nl", "pl", "sv", "tr", "ko", "el", "he", "th", language.Undetermined}
)

// mostTried is how many of the tried languages vouch for the untried ones.
const mostTried = 7

// speaks tries which languages beside English an embedder knows: those in which
// every sentence is nearest to its own translation. The compiled-in vectors know
// none.
func (t *trainer) speaks(ctx context.Context, e embed.Embedder, kind string) (map[string]bool, error) {
	if kind == Static {
		return nil, nil
	}
	texts := append([]string(nil), tried...)
	for _, sentences := range translation {
		texts = append(texts, sentences...)
	}
	vectors, err := t.extraVectors(ctx, e, texts)
	if err != nil {
		return nil, err
	}
	speaks := map[string]bool{}
	for code, sentences := range translation {
		if knows(vectors, sentences) {
			speaks[code] = true
		}
	}
	if len(speaks) >= mostTried {
		for _, code := range untried {
			speaks[code] = true
		}
	}
	return speaks, nil
}

func knows(vectors map[string][]float32, sentences []string) bool {
	for i, sentence := range sentences {
		own := vec.Dot(vectors[sentence], vectors[tried[i]])
		for k, other := range tried {
			if k != i && vec.Dot(vectors[sentence], vectors[other]) >= own {
				return false
			}
		}
	}
	return true
}

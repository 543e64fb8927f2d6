package language

import (
	"strings"
	"testing"
)

type dictionary map[string]bool

func (d dictionary) Knows(word string) bool { return d[word] }

var english = func() dictionary {
	d := dictionary{}
	for w := range strings.FieldsSeq("where is my parcel i forgot the password write a poem about autumn how do you spell in german das der ist docker file please no") {
		d[w] = true
	}
	return d
}()

func TestForeign(t *testing.T) {
	d := New([]string{"where is my parcel", "kubectl apply", "reset the Passwort"}, english)
	tests := map[string][]string{
		"": {
			"", "?", "where is my parcel", "Write a poem about autumn!", "how do you spell das in german", "passwrod", "kubectl apply please",
			"👍👍", "the Passwort", "x = y + 1", "write 你好 in german please",
		},
		"de": {"Wo ist mein Paket?", "ich habe mein Passwort vergessen", "Die Rechnung ist nicht richtig"},
		"fr": {"Où est mon colis ?", "J'ai oublié mon mot de passe"},
		"es": {"¿Dónde está mi paquete?", "¿Cómo cancelo mi suscripción?"},
		"zh": {"我的包裹在哪里"}, "ja": {"荷物はどこですか", "パスワード"}, "ar": {"أين طردي؟"}, "ru": {"Где моя посылка?"}, "hi": {"मेरा पार्सल कहाँ है?"},
		Undetermined: {"zxcv qwer uiop", "மின்னஞ்சல் எங்கே"},
	}
	for want, texts := range tests {
		for _, text := range texts {
			if got := d.Foreign(text); got != want {
				t.Errorf("%q is foreign as %q, want %q", text, got, want)
			}
		}
	}
}

func TestTheCatalogsOwnLanguagesAreNotForeign(t *testing.T) {
	d := New([]string{"我的包裹在哪里", "我要退款", "wo ist mein Paket", "ich brauche eine Rechnung"}, english)
	for _, text := range []string{"怎么退货", "wie kann ich das zurück geben"} {
		if code := d.Foreign(text); code != "" {
			t.Errorf("%q is foreign as %q", text, code)
		}
	}
	if code := d.Foreign("Где моя посылка?"); code != "ru" {
		t.Errorf("Russian is foreign as %q", code)
	}
}

func FuzzForeign(f *testing.F) {
	d := New([]string{"where is my parcel"}, english)
	f.Add("Où est mon colis ?")
	f.Add("\xff\u0300 l'")
	f.Fuzz(func(t *testing.T, text string) {
		if code := d.Foreign(text); code != "" && code != Undetermined && len(code) != 2 {
			t.Errorf("%q is %q", text, code)
		}
	})
}

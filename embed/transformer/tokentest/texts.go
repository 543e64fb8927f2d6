// Package tokentest gives the texts that tokenizers are held to: always the same
// ones, in more than twenty scripts, made of sentences, of words of several
// scripts side by side, of characters at random, and of what trips tokenizers up.
// For each of them a reference implementation's ids are kept as a short sum.
package tokentest

import (
	"math/rand/v2"
	"strings"
)

// Count is how many texts there are.
const Count = 10_000

// sentences is the first article of the Universal Declaration of Human Rights,
// or a part of it, with words that have accents, digraphs and marks.
//
//nolint:staticcheck // a joiner belongs to a sentence
const sentences = `All human beings are born free and equal in dignity and rights.
Tous les êtres humains naissent libres et égaux en dignité et en droits; l'été, où ça?
Alle Menschen sind frei und gleich an Würde und Rechten geboren. Straße, GRÖSSE, Übermut
Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.
Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. İSTANBUL ığdır
Все люди рождаются свободными и равными в своём достоинстве и правах. Ёлка, Й
Всі люди народжуються вільними і рівними у своїй гідності та правах. Їжак
Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια. ΟΔΥΣΣΕΥΣ
يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. مُحَمَّد
تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔
כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. שָׁלוֹם
सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।
সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।
ਸਾਰਾ ਮਨੁੱਖੀ ਪਰਿਵਾਰ ਆਪਣੀ ਮਹਿਮਾ, ਸ਼ਾਨ ਅਤੇ ਹੱਕਾਂ ਦੇ ਪੱਖੋਂ ਜਨਮ ਤੋਂ ਹੀ ਆਜ਼ਾਦ ਹੈ।
પ્રતિષ્ઠા અને અધિકારોની દૃષ્ટિએ સર્વ માનવો જન્મથી સ્વતંત્ર અને સમાન હોય છે.
மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.
ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు.
ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ.
മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടും അന്തസ്സോടും സ്വാതന്ത്ര്യത്തോടുംകൂടി ജനിച്ചവരാണ്.
සියලු මනුෂ්‍යයෝ නිදහස්ව උපත ලබා ඇත.
มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ
ມະນຸດທຸກຄົນເກີດມາມີກຽດສັກສີ ສິດທິ ເສລີພາບ
လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း
មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព
ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.
Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ։
人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心!
すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。ガギグ ﾊﾟ
모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.
ሁሉም ሰዎች ነጻና እኩል ሆነው ተወልደዋል።
འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།`

// odd are texts and parts of texts that tokenizers treat in ways of their own.
func odd() []string {
	list := []string{
		"", " ", "\t\n", "\r\n", "[CLS]", "[MASK]x", "a[SEP]b", "[sep]", "[UNK", "##ing", "<s>", "a <mask> b", "x</s>y", "<unk>", "<pad>", "<S>", "<mask",
		"▁", "a▁b", "▁▁ x", "don't", "e-mail@x.org", "3.14", "$5,000.00", "a\x00b", "x\u200by", "\ufeffz", "\u00a0n\u00a0", "\u2028l", "\u3000w", "\u0085n",
		"\ufffd", "e\u0301", "\u0301", "\u1e9b\u0323", "a\u0323\u0302", "½\u0301", "²\ufe0f", "©\ufe0f", "ﬁ", "Å", "Ω", "ﷺ", "㌀", "㋿", "🅬", "㍿", "℃", "™", "…", "‼", "١٢٣", "１２３",
		"🎉🎉", "👩‍👩‍👧", "🇩🇪🇫🇷", "é", "豈", "\U0002f800", "\U00020000", "\ue000", "\u0378", "\u00adsoft", "`code`", "´", "¿qué?", "«a»", "1²", "Ⅷ", "ǅ",
		"ſ", "Σς", "ẞ", "\x7f", "\x1b[0m", "\u000b", "\u202eabc", "ㄱㅏ", "각", "각", "\u0600 1", "\u06001", "a\u200d", "क्\u200dष", "ก็ำ", "  two  spaces   three ", "\u200e", "\u061c",
		"https://example.org/a?b=c&d=%20", "def f(x): return x**2", "{\"k\": [1, 2]}", "C++ / C#", "…wait—what?!", "100%", "a_b-c.d", "#tag @name", "\\n", "½ + ¼",
	}
	for _, size := range []int{99, 100, 101} {
		list = append(list, strings.Repeat("x", size), strings.Repeat("é", size), strings.Repeat("字", size))
	}
	return list
}

// blocks are ranges of characters to take at random: of letters, and of signs.
// They are written out because the tables of package unicode grow, and have no
// punctuation that Unicode gained after the tables of the reference.
var blocks = [...][2]rune{
	{0x20, 0x7e}, {0xa0, 0xff}, {0x100, 0x24f}, {0x1e00, 0x1eff}, {0x370, 0x3ff}, {0x1f00, 0x1fff}, {0x400, 0x4ff}, {0x531, 0x58a}, {0x5d0, 0x5f4},
	{0x600, 0x61b}, {0x61e, 0x6ff}, {0xfb50, 0xfdff}, {0xfe70, 0xfeff}, {0x904, 0x97f}, {0x985, 0x9fb}, {0xa05, 0xa75}, {0xa85, 0xaf1}, {0xb85, 0xbfa}, {0xc05, 0xc70},
	{0xc85, 0xcef}, {0xd05, 0xd7f}, {0xd85, 0xdf4}, {0xe01, 0xe5b}, {0xe81, 0xedf}, {0xf00, 0xf7e}, {0x1000, 0x109f}, {0x10a0, 0x10ff}, {0x1100, 0x11ff},
	{0x1200, 0x139f}, {0x1780, 0x17f9}, {0x2000, 0x206f}, {0x20a0, 0x20bf}, {0x2100, 0x214f}, {0x2150, 0x218b}, {0x2460, 0x24ff}, {0x3000, 0x303f},
	{0x3041, 0x30ff}, {0x3131, 0x318e}, {0x3200, 0x33ff}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3}, {0xf900, 0xfad9}, {0xfb00, 0xfb4f}, {0xff00, 0xffef},
	{0x1d400, 0x1d7ff}, {0x1f300, 0x1f64f}, {0x20000, 0x2a6df},
}

// marks are accents and points of several scripts.
var marks = [...][2]rune{{0x300, 0x36f}, {0x591, 0x5c7}, {0x64b, 0x65f}, {0x93c, 0x94d}, {0x9bc, 0x9cd}, {0xe34, 0xe3a}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0x20d0, 0x20dc}}

// Texts are the texts.
func Texts() []string {
	r := rand.New(rand.NewPCG(1, 2))
	lines, strange := strings.Split(sentences, "\n"), odd()
	words := strings.Fields(sentences)
	texts := append(append(make([]string, 0, Count), lines...), strange...)
	for len(texts) < Count {
		parts := make([]string, 1+r.IntN(12))
		for i := range parts {
			if parts[i] = words[r.IntN(len(words))]; r.IntN(5) == 0 {
				parts[i] = strange[r.IntN(len(strange))]
			}
		}
		switch r.IntN(10) {
		case 0, 1, 2:
			parts = strings.Fields(lines[r.IntN(len(lines))])
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		case 3:
			for i, word := range parts {
				runes := []rune(word)
				r.Shuffle(len(runes), func(i, j int) { runes[i], runes[j] = runes[j], runes[i] })
				parts[i] = string(runes)
			}
		case 4:
			for i, word := range parts {
				parts[i] = strings.ToUpper(word)
			}
		case 5:
			parts = parts[:min(len(parts), 4)]
			for i := range parts {
				parts[i] = random(r)
			}
		}
		between := []string{"", " ", " ", " ", "  ", "-"}[r.IntN(6)]
		texts = append(texts, strings.Join(parts, between))
	}
	return texts
}

// random are some characters of a block, with marks.
func random(r *rand.Rand) string {
	block := blocks[r.IntN(len(blocks))]
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteRune(pick(r, block))
		if r.IntN(4) == 0 {
			b.WriteRune(pick(r, marks[r.IntN(len(marks))]))
		}
	}
	return b.String()
}

func pick(r *rand.Rand, block [2]rune) rune { return block[0] + r.Int32N(block[1]-block[0]+1) }

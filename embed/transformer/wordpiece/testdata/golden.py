"""Makes golden.json: ids of Hugging Face's tokenizers, what this package is held to.

    python -m venv /tmp/v && /tmp/v/bin/pip install tokenizers==0.23.3 && /tmp/v/bin/python golden.py golden.json
    … golden.py --texts 10000 --tokenizer tokenizer.json out.json    the same for a real vocabulary

The texts are sentences of 21 scripts, words of theirs mixed, and what trips tokenizers up.
"""
import argparse, json, random
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SENTENCES = """
All human beings are born free and equal in dignity and rights.
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
மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.
ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు.
ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ.
മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടും അന്തസ്സോടും സ്വാതന്ത്ര്യത്തോടുംകൂടി ജനിച്ചവരാണ്.
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
འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།
""".strip().split("\n")

ODD = ["", " ", "\t\n", "[CLS]", "[MASK]x", "a[SEP]b", "[sep]", "[UNK", "##ing", "don't", "e-mail@x.org", "3.14", "$5,000.00", "a\u0000b",
       "x\u200by", "\ufeffz", "\u00a0n\u00a0", "\u2028l", "\u3000w", "\u0085n", "\ufffd", "e\u0301", "\u0301", "\u1e9b\u0323", "ﬁ", "Å", "Ω",
       "🎉🎉", "👩‍👩‍👧", "x" * 99, "x" * 100, "x" * 101, "é" * 100, "豈", "\U0002f800", "\U00020000", "\ue000", "\u0378", "­soft", "`code`",
       "´", "¿qué?", "«a»", "1²", "Ⅷ", "ǅ", "ſ", "Σς", "ẞ", "\x7f", "\x1b[0m", "\u000b", "\u202eabc", "ㄱㅏ", "각", "각"]


def texts(count):
    r = random.Random(1)
    words = [w for s in SENTENCES for w in s.split()]
    made = SENTENCES + ODD
    while len(made) < count:
        pick = r.random()
        parts = [r.choice(ODD if r.random() < .2 else words) for _ in range(r.randint(1, 12))]
        if pick < .3:
            parts = r.choice(SENTENCES).split()
            r.shuffle(parts)
        elif pick < .4:
            parts = ["".join(r.sample(w, len(w))) for w in parts]
        elif pick < .5:
            parts = [w.upper() for w in parts]
        made.append(r.choice(["", " ", " ", " ", "  ", "-"]).join(parts))
    return made[:count]


def bert(model, lower):
    t = Tokenizer(model)
    t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(lowercase=lower), pre_tokenizers.BertPreTokenizer()
    return t


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
args = argparse.ArgumentParser()
args.add_argument("out")
args.add_argument("--texts", type=int, default=500)
args.add_argument("--tokenizer", help="a tokenizer.json; without it, a small vocabulary is learnt from the texts")
args = args.parse_args()
cases = texts(args.texts)
if args.tokenizer:
    t = Tokenizer.from_file(args.tokenizer)
    t.no_truncation()
    t.no_padding()
    golden = {"cases": [{"text": c, "ids": t.encode(c, add_special_tokens=False).ids} for c in cases]}
else:
    learner = bert(models.WordPiece(unk_token="[UNK]"), True)
    learner.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=1500, special_tokens=SPECIAL, show_progress=False))
    vocab = sorted(learner.get_vocab().items(), key=lambda x: x[1])
    golden = {"vocabulary": [w for w, _ in vocab], "cases": []}
    both = []
    for lower in True, False:
        t = bert(models.WordPiece(dict(vocab), unk_token="[UNK]", max_input_chars_per_word=100), lower)
        t.add_special_tokens(SPECIAL)
        both.append(t)
    for c in cases:
        ids = [t.encode(c, add_special_tokens=False).ids for t in both]
        golden["cases"].append({"text": c, "ids": ids[0], "cased": ids[1]})
with open(args.out, "w") as f:
    head = json.dumps(golden.get("vocabulary", []), ensure_ascii=False)
    lines = ",\n".join(json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in golden["cases"])
    f.write('{"vocabulary": %s,\n"cases": [\n%s\n]}\n' % (head, lines))

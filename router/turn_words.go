package router

import "strings"

// The classes of words that turnKind tells apart; all others name something.
type classOfWord uint8

const (
	classNone   classOfWord = iota
	classLight              // grammar and answers: they name nothing
	classBack               // points back to what was said
	classPlace              // prepositions
	classPolite             // thanks and greetings
)

var wordClass = classes(map[classOfWord]string{
	classLight: `a an the i you we he's i'm im i'll i'd i've you're we're my your our me us
		am is are was were be been being do does did done don't doesn't didn't has have had haven't hasn't
		can can't cannot could couldn't will won't would should shall may might must
		what which who whom whose when where why how what's whats where's who's how's
		not no yes yeah yep yup nope nah ok okay k kk right correct exactly sure fine good great nice cool perfect
		wonderful awesome excellent alright well oh ah hm hmm wow lol haha really definitely absolutely certainly
		please pls just now first then very much many long any some all anything else nothing something
		go ahead going continue proceed keep show tell give let's lets want need like see know think mean get got
		looks look seems sounds works work worked working tried checked try retry do did make made put take say said
		long far often sorry of course never mind yet still already maybe perhaps again once luck believe understand
		hold wait stop start run commit push merge save send undo redo apply deploy finish explain expand elaborate
		that'll thing things way up out off back over here too also even only so far same stays lot bit bits example examples way by and or but so if because
		too more less another other others than as like such`,
	classBack: `it its it's that that's thats this these those them they they're their one ones he she him her his
		both either neither again instead another other others too else
		better worse longer shorter bigger smaller faster slower cheaper simpler funnier angrier sadder nicer friendlier
		second third last next previous former latter older newer first`,
	classPlace: `in on at for to from with without by until till before after about into onto under over
		during since through via per as like except besides`,
	classPolite: `thanks thank thx ty cheers bye goodbye hello hi hey morning night evening goodnight`,
})

// joining words begin a turn that goes on with what was said.
var joining = set(`and or but so then also plus because if more less even same`)

// pronouns stand for what was named before, whatever follows.
var pronouns = set(`it its it's that's thats them they they're he she him her his one ones again`)

// dummyMeasures and dummyWeather are words whose "it" stands for nothing.
var (
	dummyMeasures = set(`time late early far day date hot cold warm`)
	dummyWeather  = set(`rain raining rainy snow snowing snowy sunny cloudy windy stormy foggy freezing thunder hail drizzle
	degrees celsius fahrenheit weekend o'clock midnight noon`)
)

// asking words begin a question.
var asking = set(`what which who whom whose when where why how what's whats where's who's how's is are was were do does
	did can could will would should shall may has have am isn't aren't don't doesn't can't won't`)

// ordering words begin an order: what follows is its object.
var ordering = set(`tell write draft compose sing play book order set remind turn call recommend translate find search solve
	calculate compute convert integrate simplify prove summarise summarize rewrite rephrase correct fix describe
	design create build implement code debug refactor review help please cancel add remove delete change switch send
	return refund exchange swap track open close buy get order outline list define compare`)

// answers stand before what a turn is about.
var answers = set(`ok okay k yes yeah yep no nope nah thanks thank you fine good great nice cool perfect alright right well oh
	ah hm hmm wow lol haha never mind sorry sure please done works now anyway actually got it`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// classes gives each word its class; one that stands in several has the last.
func classes(lists map[classOfWord]string) map[string]classOfWord {
	out := map[string]classOfWord{}
	for _, class := range []classOfWord{classLight, classBack, classPlace, classPolite} {
		for w := range strings.FieldsSeq(lists[class]) {
			out[w] = class
		}
	}
	return out
}

package routes_test

import (
	"os"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"
	"time"
)

// untouched are the fields that change no decision.
var untouched = []string{"At", "UtterancesAt", "NoneAt", "Warnings", "APIKeyEnv", "APIKeyFile"}

// mutate calls try after each change of one leaf below v, and undoes it.
func mutate(v reflect.Value, path string, try func(path string)) {
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(at.Add(time.Nanosecond)))
			try(path)
			v.Set(reflect.ValueOf(at))
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !slices.Contains(untouched, name) {
				mutate(v.Field(i), path+"."+name, try)
			}
		}
	case reflect.Slice:
		whole := reflect.ValueOf(v.Interface())
		for i := range v.Len() {
			mutate(v.Index(i), path+"[]", try)
		}
		if v.Len() > 0 {
			v.Set(whole.Slice(0, v.Len()-1))
			try(path + " shortened")
			v.Set(whole)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			old := v.MapIndex(key)
			v.SetMapIndex(key, reflect.Value{})
			try(path + " without " + key.String())
			changed := reflect.New(old.Type()).Elem()
			changed.Set(old)
			mutate(changed, path+"{}", func(p string) { v.SetMapIndex(key, changed); try(p) })
			v.SetMapIndex(key, old)
		}
	case reflect.Pointer:
		old := reflect.ValueOf(v.Interface())
		if old.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
			try(path + " set")
		} else {
			mutate(v.Elem(), path, try)
			v.Set(reflect.Zero(v.Type()))
			try(path + " unset")
		}
		v.Set(old)
	default:
		mutateLeaf(v, path, try)
	}
}

func mutateLeaf(v reflect.Value, path string, try func(path string)) {
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 0.001)
	}
	try(path)
	v.Set(old)
}

func TestEveryFieldChangesTheFingerprint(t *testing.T) {
	c := mustLoad(t, os.DirFS("testdata"), "full")
	original := c.Fingerprint()
	changes := 0
	mutate(reflect.ValueOf(c).Elem(), "Catalog", func(path string) {
		changes++
		if c.Fingerprint() == original {
			t.Errorf("%s changed, the fingerprint did not", path)
		}
	})
	if c.Fingerprint() != original {
		t.Fatal("the changes were not undone")
	}
	if changes < 150 {
		t.Errorf("only %d changes were tried; the full catalog does not hold every field", changes)
	}
}

func TestWhereASecretOrATextStandsDoesNotChangeTheFingerprint(t *testing.T) {
	c := mustLoad(t, os.DirFS("testdata"), "full")
	original := c.Fingerprint()
	c.Models[1].APIKeyEnv = "OTHER"
	c.Models[2].APIKeyFile = "elsewhere"
	c.Routes[0].At.Line++
	c.Routes[0].UtterancesAt[0].Line++
	if c.Fingerprint() != original {
		t.Error("the fingerprint changed")
	}
}

func TestFingerprintIgnoresSplitStyleAndOrderWithoutMeaning(t *testing.T) {
	fsys := fstest.MapFS{
		"one.yaml": {Data: []byte(`# comment
models: [{name: m, provider: ollama, model: x, capabilities: [tools, json]}, {name: n, provider: ollama, model: y}]
routes:
  - {name: a, utterances: [one, two], models: [m, n]}
  - name: b
    utterances:
      - "three"
none: [four, five]
rules: [{name: r, when: "true", route: a}, {name: s, when: "true", route: b}]
`)},
		"split/1.yaml": {Data: []byte("routes: [{utterance_files: [b.txt], name: b}]\nnone: [five]\nrules: [{name: r, when: \"true\", route: a}]\n")},
		"split/2.yaml": {Data: []byte("none: [four]\nrules:\n- name: s\n  route: b\n  when: 'true'\nmodels:\n- {name: n, provider: ollama, model: y}\n- {capabilities: [json, tools], name: m, provider: ollama, model: x}\n")},
		"split/3.yaml": {Data: []byte("routes: [{name: a, strategy: order, utterances: [two, ' one '], models: [m, n]}]\n")},
		"split/b.txt":  {Data: []byte("three\n")},
		"rules.yaml":   {Data: []byte("rules: [{name: s, when: \"true\", route: b}]")},
	}
	one := mustLoad(t, fsys, "one.yaml")
	split := mustLoad(t, fsys, "split")
	if one.Fingerprint() != split.Fingerprint() {
		t.Error("the same catalog in other files has another fingerprint")
	}
	slices.Reverse(split.Rules)
	if one.Fingerprint() == split.Fingerprint() {
		t.Error("the order of rules must change the fingerprint")
	}
	slices.Reverse(split.Rules)
	slices.Reverse(split.Routes[1].Models)
	if one.Fingerprint() == split.Fingerprint() {
		t.Error("the order of a route's models must change the fingerprint")
	}
}

func TestTrainingFingerprintIsAboutUtterancesOnly(t *testing.T) {
	c := mustLoad(t, os.DirFS("testdata"), "full")
	original := c.TrainingFingerprint()
	c.Models[0].ContextTokens++
	c.Thresholds.MinMargin = nil
	c.Fitted = nil
	if c.TrainingFingerprint() != original {
		t.Error("a model or threshold changed it")
	}
	c.Routes[0].Utterances[0] += "?"
	if c.TrainingFingerprint() == original {
		t.Error("an utterance did not change it")
	}
}

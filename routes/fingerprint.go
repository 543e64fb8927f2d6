package routes

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"reflect"
	"slices"
	"time"
)

// Fingerprint identifies everything that can change a decision: 64 hexadecimal
// digits of SHA-256, of which a prefix may be shown. It does not depend on how
// the catalog is split into files, on YAML style, comments, or the order of
// models, routes, utterances and budgets; it does on the order of rules and of
// a route's models.
func (c *Catalog) Fingerprint() string {
	return digest(canonical(c))
}

// TrainingFingerprint identifies what a classifier is trained on: the routes'
// names and utterances, and the utterances of none. A price or a threshold
// does not change it.
func (c *Catalog) TrainingFingerprint() string {
	training := Catalog{None: c.None}
	for _, r := range c.Routes {
		training.Routes = append(training.Routes, Route{Name: r.Name, Utterances: r.Utterances})
	}
	return digest(canonical(&training))
}

// Fingerprint identifies a route as Catalog's does all of them.
func (r *Route) Fingerprint() string {
	return digest(canonical(&Catalog{Routes: []Route{*r}}))
}

// canonical is a copy in which whatever has no meaning is the same: order, and
// defaults that are written out.
func canonical(c *Catalog) Catalog {
	out := *c
	out.Models = slices.Clone(c.Models)
	for i := range out.Models {
		out.Models[i].Capabilities = slices.Sorted(slices.Values(out.Models[i].Capabilities))
	}
	slices.SortFunc(out.Models, func(a, b Model) int { return cmp.Compare(a.Name, b.Name) })
	out.Routes = slices.Clone(c.Routes)
	for i := range out.Routes {
		out.Routes[i].Utterances = slices.Sorted(slices.Values(out.Routes[i].Utterances))
		out.Routes[i].Forwarding.Strategy = cmp.Or(out.Routes[i].Forwarding.Strategy, Order)
	}
	slices.SortFunc(out.Routes, func(a, b Route) int { return cmp.Compare(a.Name, b.Name) })
	out.None = slices.Sorted(slices.Values(c.None))
	out.Budgets = slices.Clone(c.Budgets)
	for i := range out.Budgets {
		out.Budgets[i].Window = cmp.Or(out.Budgets[i].Window, Day)
		out.Budgets[i].OnExceeded = cmp.Or(out.Budgets[i].OnExceeded, Refuse)
	}
	slices.SortFunc(out.Budgets, func(a, b Budget) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func digest(c Catalog) string {
	sum := sha256.New()
	h := hasher{bufio.NewWriterSize(sum, 16<<10)} // many small texts are slow to hash one by one
	h.value(reflect.ValueOf(c))
	_ = h.Flush() // a hash never fails
	return hex.EncodeToString(sum.Sum(nil))
}

// hasher feeds values to a hash so that different values never feed the same
// bytes: every text and list is preceded by its length, every field by its
// name. It walks the types by reflection, so that no new field can be
// forgotten; a field that changes no decision is tagged fingerprint:"-". One that
// came later is tagged fingerprint:"omitempty": a catalog without it keeps its
// fingerprint, and with it its fit.
type hasher struct{ *bufio.Writer }

func (h hasher) number(n uint64) {
	_, _ = h.Write(binary.LittleEndian.AppendUint64(h.AvailableBuffer(), n))
}

func (h hasher) text(s string) {
	h.number(uint64(len(s)))
	_, _ = h.WriteString(s)
}

func (h hasher) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		h.text(v.String())
	case reflect.Bool:
		if v.Bool() {
			h.number(1)
		} else {
			h.number(0)
		}
	case reflect.Int, reflect.Int64:
		h.number(uint64(v.Int()))
	case reflect.Float64:
		h.number(math.Float64bits(v.Float() + 0)) // makes -0 and 0 the same
	case reflect.Pointer:
		if v.IsNil() {
			h.number(0)
			return
		}
		h.number(1)
		h.value(v.Elem())
	case reflect.Slice:
		h.number(uint64(v.Len()))
		for i := range v.Len() {
			h.value(v.Index(i))
		}
	case reflect.Map:
		h.mapping(v)
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			h.text(t.UTC().Format(time.RFC3339Nano))
			return
		}
		h.fields(v)
	default:
		panic("routes: a catalog field has a type that cannot be fingerprinted: " + v.Type().String())
	}
}

func (h hasher) mapping(v reflect.Value) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	h.number(uint64(len(keys)))
	for _, key := range keys {
		h.text(key.String())
		h.value(v.MapIndex(key))
	}
}

func (h hasher) fields(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch field.Tag.Get("fingerprint") {
		case "-":
			continue
		case "omitempty":
			if v.Field(i).Len() == 0 {
				continue
			}
		}
		h.text(field.Name)
		h.value(v.Field(i))
	}
}

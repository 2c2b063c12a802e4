package render

import (
	"encoding"
	"encoding/json"
	"reflect"
)

// filled returns a copy of v in which nil slices and maps are empty ones, so that they encode as [] and {}, never as null, and
// every [Advice] names commands as the program is called. Doing it here, for every view, is what lets no command forget it. Values that encode themselves are left alone. The copy
// is addressable, so that marshalers with a pointer receiver (jwt.ExportType) are heard everywhere.
func filled(v any, program string) any {
	if v == nil {
		return nil
	}
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(filler{program}.fill(reflect.ValueOf(v)))
	return p.Interface()
}

// filler makes the copies; its program is as that of [Options].
type filler struct{ program string }

func (f filler) fill(v reflect.Value) reflect.Value {
	if encodesItself(v.Type()) {
		return v
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[Advice]() {
			return reflect.ValueOf(Advice(Called(v.String(), f.program)))
		}
		return v
	case reflect.Slice:
		return f.fillSlice(v)
	case reflect.Map:
		return f.fillMap(v)
	case reflect.Struct:
		return f.fillStruct(v)
	case reflect.Pointer, reflect.Interface:
		return f.fillTarget(v)
	default:
		return v
	}
}

func encodesItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func (f filler) fillSlice(v reflect.Value) reflect.Value {
	if v.Type().Elem().Kind() == reflect.Uint8 { // encodes as a string
		return v
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(f.fill(v.Index(i)))
	}
	return out
}

func (f filler) fillMap(v reflect.Value) reflect.Value {
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		out.SetMapIndex(it.Key(), f.fill(it.Value()))
	}
	return out
}

func (f filler) fillStruct(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	f.fillFields(out)
	return out
}

// fillFields fills the fields that are encoded: the exported ones, and those of an embedded struct of any name.
func (f filler) fillFields(out reflect.Value) {
	for i := range out.NumField() {
		field, info := out.Field(i), out.Type().Field(i)
		switch {
		case info.IsExported():
			field.Set(f.fill(field))
		case info.Anonymous && field.Kind() == reflect.Struct:
			f.fillFields(field)
		}
	}
}

func (f filler) fillTarget(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	target := f.fill(v.Elem())
	if v.Kind() == reflect.Interface {
		return target
	}
	out := reflect.New(v.Type().Elem())
	out.Elem().Set(target)
	return out
}

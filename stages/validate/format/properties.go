package format

import "unicode"

func tables(t ...*unicode.RangeTable) property { return property{in: t} }

// all is every character.
var all = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0, Hi: 0xFFFF, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x10000, Hi: unicode.MaxRune, Stride: 1}},
}

// identifier is what ID_Start and ID_Continue leave out.
var identifier = []*unicode.RangeTable{unicode.Pattern_Syntax, unicode.Pattern_White_Space}

// binaryProperties are the properties of ECMA-262 that are true or false, by both
// of their names; the zero property for those that Go has no table for.
var binaryProperties = func() map[string]property {
	idStart := []*unicode.RangeTable{unicode.L, unicode.Nl, unicode.Other_ID_Start}
	idContinue := append(idStart[:3:3], unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
	lower := []*unicode.RangeTable{unicode.Ll, unicode.Other_Lowercase}
	upper := []*unicode.RangeTable{unicode.Lu, unicode.Other_Uppercase}
	properties := map[string]property{}
	add := func(p property, names ...string) {
		for _, name := range names {
			properties[name] = p
		}
	}
	add(tables(&unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 0x7F, Stride: 1}}, LatinOffset: 1}), "ASCII")
	add(tables(all), "Any")
	add(property{in: []*unicode.RangeTable{all}, out: []*unicode.RangeTable{unicode.Cn}}, "Assigned")
	add(tables(unicode.ASCII_Hex_Digit), "ASCII_Hex_Digit", "AHex")
	add(tables(unicode.L, unicode.Nl, unicode.Other_Alphabetic), "Alphabetic", "Alpha")
	add(tables(unicode.Bidi_Control), "Bidi_Control", "Bidi_C")
	add(tables(append(append(lower[:2:2], upper...), unicode.Lt)...), "Cased")
	add(tables(unicode.Dash), "Dash")
	add(tables(unicode.Deprecated), "Deprecated", "Dep")
	add(tables(unicode.Diacritic), "Diacritic", "Dia")
	add(tables(unicode.Extender), "Extender", "Ext")
	add(tables(unicode.Me, unicode.Mn, unicode.Other_Grapheme_Extend), "Grapheme_Extend", "Gr_Ext")
	add(tables(unicode.Hex_Digit), "Hex_Digit", "Hex")
	add(tables(unicode.IDS_Binary_Operator), "IDS_Binary_Operator", "IDSB")
	add(tables(unicode.IDS_Trinary_Operator), "IDS_Trinary_Operator", "IDST")
	add(property{in: idContinue, out: identifier}, "ID_Continue", "IDC")
	add(property{in: idStart, out: identifier}, "ID_Start", "IDS")
	add(tables(unicode.Ideographic), "Ideographic", "Ideo")
	add(tables(unicode.Join_Control), "Join_Control", "Join_C")
	add(tables(unicode.Logical_Order_Exception), "Logical_Order_Exception", "LOE")
	add(tables(lower...), "Lowercase", "Lower")
	add(tables(unicode.Sm, unicode.Other_Math), "Math")
	add(tables(unicode.Noncharacter_Code_Point), "Noncharacter_Code_Point", "NChar")
	add(tables(unicode.Pattern_Syntax), "Pattern_Syntax", "Pat_Syn")
	add(tables(unicode.Pattern_White_Space), "Pattern_White_Space", "Pat_WS")
	add(tables(unicode.Quotation_Mark), "Quotation_Mark", "QMark")
	add(tables(unicode.Radical), "Radical")
	add(tables(unicode.Regional_Indicator), "Regional_Indicator", "RI")
	add(tables(unicode.Sentence_Terminal), "Sentence_Terminal", "STerm")
	add(tables(unicode.Soft_Dotted), "Soft_Dotted", "SD")
	add(tables(unicode.Terminal_Punctuation), "Terminal_Punctuation", "Term")
	add(tables(unicode.Unified_Ideograph), "Unified_Ideograph", "UIdeo")
	add(tables(upper...), "Uppercase", "Upper")
	add(tables(unicode.Variation_Selector), "Variation_Selector", "VS")
	add(tables(unicode.White_Space), "White_Space", "space")
	add(property{}, "Bidi_Mirrored", "Bidi_M", "Case_Ignorable", "CI", "Changes_When_Casefolded", "CWCF",
		"Changes_When_Casemapped", "CWCM", "Changes_When_Lowercased", "CWL", "Changes_When_NFKC_Casefolded", "CWKCF",
		"Changes_When_Titlecased", "CWT", "Changes_When_Uppercased", "CWU", "Default_Ignorable_Code_Point", "DI",
		"Emoji", "Emoji_Component", "EComp", "Emoji_Modifier", "EMod", "Emoji_Modifier_Base", "EBase",
		"Emoji_Presentation", "EPres", "Extended_Pictographic", "ExtPict", "Grapheme_Base", "Gr_Base",
		"XID_Continue", "XIDC", "XID_Start", "XIDS")
	return properties
}()

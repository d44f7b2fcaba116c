use super::super::mask::MaskingKey;
use super::super::opcode::Opcode;
use super::*;

fn header(hex: &str) -> Header {
    Header::decode(&hex::decode(hex.replace(' ', "")).expect("hex")).expect("a whole header")
}

#[test]
fn the_tutorials_frame() {
    let header = header("81 94 9f af 77 f8");
    assert!(header.fin() && header.mask() && header.rsv() == 0);
    assert_eq!(header.opcode(), Opcode::TEXT);
    assert_eq!(header.payload_len(), 20);
    assert_eq!(header.key(), Some(MaskingKey([0x9f, 0xaf, 0x77, 0xf8])));
    assert_eq!(header.header_len(), 6);
}

#[test]
fn both_sides_of_every_length_boundary() {
    for (hex, len, form) in [
        ("827d", 125, LengthForm::Seven),
        ("827e007e", 126, LengthForm::Sixteen),
        ("827effff", 65535, LengthForm::Sixteen),
        ("827f0000000000010000", 65536, LengthForm::SixtyFour),
        ("827fffffffffffffffff", u64::MAX, LengthForm::SixtyFour),
    ] {
        let header = header(hex);
        assert_eq!((header.payload_len(), header.length_form()), (len, form), "{hex}");
        let mut again = Vec::new();
        header.encode(&mut again);
        assert_eq!(hex::encode(again), hex);
        assert_eq!(LengthForm::shortest(len), form);
    }
}

#[test]
fn a_cut_header_is_not_all_there_yet() {
    let whole = hex::decode("82ff00000000000100009fafaf78").expect("hex");
    for cut in 0..whole.len() {
        assert_eq!(Header::decode(&whole[..cut]), None, "cut at {cut}");
        assert_eq!(Partial::of(&whole[..cut]).bytes(), &whole[..cut]);
    }
    assert_eq!(Header::decode(&whole).map(|h| h.header_len()), Some(14));
}

#[test]
fn fields_stand_one_behind_the_other_and_cover_the_header() {
    for hex in ["8100", "81fe0bb801020304", "027f0000000000010000"] {
        let header = header(hex);
        let mut next = 0;
        for field in header.fields() {
            assert_eq!(field.bits.at, next, "{} in {hex}", field.name);
            next += field.bits.len;
        }
        assert_eq!(next, 8 * header.header_len() as u64);
    }
}

//! How the values of the options are written.

use std::num::NonZeroUsize;

use super::Mask;
use crate::wire::frame::LengthForm;
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::{OPCODES, Opcode};

pub(super) fn mask(text: &str) -> Result<Mask, String> {
    if text == "random" {
        return Ok(Mask::Random);
    }
    let mut key = [0; 4];
    hex::decode_to_slice(text.replace(' ', ""), &mut key)
        .map_err(|_| "a masking key is eight hex digits, such as 9faf77f8".to_owned())?;
    Ok(Mask::Key(MaskingKey(key)))
}

pub(super) fn reserved_bit(text: &str) -> Result<u8, String> {
    match text {
        "1" => Ok(4),
        "2" => Ok(2),
        "3" => Ok(1),
        _ => Err("the reserved bits are RSV1, RSV2 and RSV3: write 1, 2, 3 or a list such as 1,3".to_owned()),
    }
}

pub(super) fn opcode(text: &str) -> Result<Opcode, String> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let named = || OPCODES.iter().find(|row| row.1.eq_ignore_ascii_case(text)).map(|row| row.0);
    number.filter(|number| *number < 16).map(Opcode).or_else(named).ok_or_else(|| {
        let names: Vec<_> = OPCODES.iter().map(|row| row.1).collect();
        format!("an opcode is 0 to 15, 0x0 to 0xf, or one of {}", names.join(", "))
    })
}

pub(super) fn length_form(text: &str) -> Result<LengthForm, String> {
    [LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour]
        .into_iter()
        .find(|form| form.bits().to_string() == text)
        .ok_or_else(|| "a length is written in 7, 16 or 64 bits".to_owned())
}

/// The length of the pieces of a message.
pub(super) fn fragment(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "give the number of bytes of a piece, 1 or more".to_owned())
}

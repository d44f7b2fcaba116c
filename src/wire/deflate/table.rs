//! From code lengths to a table that reads a symbol in one look (RFC 1951 §3.2.2).
//!
//! The next bits index the table, and the entry says how many of them are the code. Codes longer than the index
//! share an entry that points to a table of their own behind the main one.

/// The longest code.
pub(super) const LONGEST_CODE: usize = 15;

/// The largest alphabet: 286 literals and lengths, and the two reserved ones.
const MOST_SYMBOLS: usize = 288;

/// What the bits at a place mean. Packed, since the table is read once for each symbol:
///
/// ```text
/// bit 31   a literal           bits 16 to 30   the literal, the base of a length or distance, a symbol,
/// bit 15   none of the plain                   or where a longer code's table begins
/// bit 14   a pointer           bits 8 to 11    length of the code, or of the pointer's index
/// bit 13   the block's end     bits 0 to 7     length of the code and its extra bits
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry(u32);

impl Entry {
    const LITERAL: u32 = 1 << 31;
    const SPECIAL: u32 = 1 << 15;
    const POINTER: u32 = 1 << 14;
    const END: u32 = 1 << 13;

    /// A bit that is no code.
    pub(super) const UNUSED: Self = Self(Self::SPECIAL).coded(1);
    /// The end of a block.
    pub(super) const END_OF_BLOCK: Self = Self(Self::SPECIAL | Self::END);

    pub(super) const fn literal(byte: u8) -> Self {
        Self(Self::LITERAL | (byte as u32) << 16)
    }

    /// A number made of `base` and `extra` bits behind the code.
    pub(super) const fn number(base: u16, extra: u8) -> Self {
        Self((base as u32) << 16 | extra as u32)
    }

    /// A symbol that has a code and no meaning.
    pub(super) const fn reserved(symbol: u16) -> Self {
        Self(Self::SPECIAL | (symbol as u32) << 16)
    }

    const fn pointer(start: usize, index_bits: u32) -> Self {
        Self(Self::SPECIAL | Self::POINTER | (start as u32) << 16 | index_bits << 8)
    }

    const fn coded(self, len: u32) -> Self {
        Self(self.0 + len * 0x101)
    }

    #[inline(always)]
    pub(super) const fn is_literal(self) -> bool {
        self.0 & Self::LITERAL != 0
    }

    /// Neither a literal nor a number.
    #[inline(always)]
    pub(super) const fn is_special(self) -> bool {
        self.0 & Self::SPECIAL != 0
    }

    #[inline(always)]
    pub(super) const fn is_pointer(self) -> bool {
        self.0 & Self::POINTER != 0
    }

    pub(super) const fn is_end(self) -> bool {
        self.0 & Self::END != 0
    }

    /// Bits of the code and of what belongs to it.
    #[inline(always)]
    pub(super) const fn len(self) -> u32 {
        self.0 & 0xff
    }

    /// Bits of the code alone.
    pub(super) const fn code_len(self) -> u32 {
        self.0 >> 8 & 0xf
    }

    /// The literal, the base, the symbol.
    #[inline(always)]
    pub(super) const fn value(self) -> u32 {
        self.0 >> 16 & 0x7fff
    }

    /// The extra bits behind the code, as a number.
    #[inline(always)]
    pub(super) const fn extra(self, bits: u64) -> u32 {
        ((bits & super::reader::mask(self.len())) >> (self.0 >> 8 & 0xf)) as u32
    }
}

/// The entry of the code that `bits` begin with, in a table with an index of `INDEX` bits.
#[inline(always)]
pub(super) fn look_up<const INDEX: u32, const N: usize>(table: &[Entry; N], bits: u64) -> Entry {
    table.get(bits as usize & ((1 << INDEX) - 1)).copied().unwrap_or(Entry::UNUSED)
}

/// The entry that a pointer leads to.
#[inline(always)]
pub(super) fn follow<const INDEX: u32, const N: usize>(table: &[Entry; N], to: Entry, bits: u64) -> Entry {
    let index = (bits >> INDEX) & super::reader::mask(to.0 >> 8 & 0xf);
    table.get(to.value() as usize + index as usize).copied().unwrap_or(Entry::UNUSED)
}

/// Why lengths make no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoCode {
    OverSubscribed,
    Incomplete,
}

/// Fills `table` for the code in which symbol `i` has `lengths[i]` bits, 0 for none.
///
/// `lone` allows a code of a single bit, or of nothing, though it leaves bits without a meaning.
pub(super) fn build<const INDEX: u32, const N: usize>(
    table: &mut [Entry; N],
    lengths: &[u8],
    lone: bool,
    entry: impl Fn(u16) -> Entry,
) -> Result<(), NoCode> {
    let mut counts = [0u16; LONGEST_CODE + 1];
    for &length in lengths {
        if let Some(count) = counts.get_mut(usize::from(length)) {
            *count += 1;
        }
    }
    let used = lengths.len() as u16 - std::mem::take(&mut counts[0]);
    if !is_complete(&counts)? {
        if !lone || used > counts[1] {
            return Err(NoCode::Incomplete);
        }
        table.fill(Entry::UNUSED);
        if let Some(symbol) = lengths.iter().position(|&length| length == 1) {
            table.iter_mut().step_by(2).for_each(|slot| *slot = entry(symbol as u16).coded(1));
        }
        return Ok(());
    }
    let sorted = sorted(lengths, &counts);
    let mut symbols = sorted.iter().take(used.into()).copied();
    let code = fill_main::<INDEX>(table, &counts, &mut symbols, &entry);
    fill_behind::<INDEX>(table, &counts, code, symbols, entry);
    Ok(())
}

/// Whether every run of bits begins with a code; more codes than that are an error.
fn is_complete(counts: &[u16; LONGEST_CODE + 1]) -> Result<bool, NoCode> {
    let mut free = 1i32;
    for &count in counts.iter().skip(1) {
        free = 2 * free - i32::from(count);
        if free < 0 {
            return Err(NoCode::OverSubscribed);
        }
    }
    Ok(free == 0)
}

/// The symbols that have a code, in the order of their codes: by length, then by number.
fn sorted(lengths: &[u8], counts: &[u16; LONGEST_CODE + 1]) -> [u16; MOST_SYMBOLS] {
    let mut next = [0u16; LONGEST_CODE + 1];
    let mut sum = 0;
    for (next, count) in next.iter_mut().zip(counts) {
        *next = sum;
        sum += count;
    }
    let mut sorted = [0; MOST_SYMBOLS];
    for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
        if let Some(next) = next.get_mut(usize::from(length)) {
            if let Some(slot) = sorted.get_mut(usize::from(*next)) {
                *slot = symbol as u16;
            }
            *next += 1;
        }
    }
    sorted
}

/// Enters the codes that fit into the index, doubling the table from length to length; gives the next code.
///
/// Codes are kept in reverse, the first bit lowest, as the reader meets them.
fn fill_main<const INDEX: u32>(
    table: &mut [Entry],
    counts: &[u16; LONGEST_CODE + 1],
    symbols: &mut impl Iterator<Item = u16>,
    entry: impl Fn(u16) -> Entry,
) -> usize {
    let mut code = 0;
    for (length, &count) in (0..=INDEX).zip(counts) {
        if let Some(doubled) = table.get_mut(..1 << length) {
            let (half, other) = doubled.split_at_mut((1 << length) / 2);
            other.iter_mut().zip(half).for_each(|(to, from)| *to = *from);
        }
        for symbol in symbols.by_ref().take(count.into()) {
            if let Some(slot) = table.get_mut(code) {
                *slot = entry(symbol).coded(length);
            }
            code = next_code(code, length);
        }
    }
    code
}

/// Enters the codes longer than the index: those with the same first `INDEX` bits into one table behind.
fn fill_behind<const INDEX: u32>(
    table: &mut [Entry],
    counts: &[u16; LONGEST_CODE + 1],
    mut code: usize,
    mut symbols: impl Iterator<Item = u16>,
    entry: impl Fn(u16) -> Entry,
) {
    let (mut prefix, mut start, mut end) = (usize::MAX, 0, 1 << INDEX);
    for (length, &count) in (0u32..).zip(counts).skip(INDEX as usize + 1) {
        for left in (1..=count).rev() {
            let Some(symbol) = symbols.next() else { return };
            if code & ((1 << INDEX) - 1) != prefix {
                prefix = code & ((1 << INDEX) - 1);
                let bits = behind_bits::<INDEX>(counts, length, left);
                (start, end) = (end, end + (1 << bits));
                if let Some(slot) = table.get_mut(prefix) {
                    *slot = Entry::pointer(start, bits);
                }
            }
            let behind = table.get_mut(start..end).unwrap_or_default();
            for slot in behind.iter_mut().skip(code >> INDEX).step_by(1 << (length - INDEX)) {
                *slot = entry(symbol).coded(length);
            }
            code = next_code(code, length);
        }
    }
}

/// How many more bits tell the codes of one table behind apart, where `left` codes of `length` are to come.
fn behind_bits<const INDEX: u32>(counts: &[u16; LONGEST_CODE + 1], length: u32, left: u16) -> u32 {
    let mut bits = length - INDEX;
    let mut room = usize::from(left);
    for &count in counts.iter().skip(length as usize + 1) {
        if room >= 1 << bits {
            break;
        }
        bits += 1;
        room = 2 * room + usize::from(count);
    }
    bits
}

/// The code behind a reversed one of the same length: adds one at its last bit, which is the highest.
const fn next_code(code: usize, length: u32) -> usize {
    let free = !code & ((1 << length) - 1);
    if free == 0 {
        return 0;
    }
    let bit = 1 << free.ilog2();
    code & (bit - 1) | bit
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INDEX: u32 = 4;

    fn table(lengths: &[u8], lone: bool) -> Result<[Entry; 1 << 16], NoCode> {
        let mut table = [Entry::UNUSED; 1 << 16];
        build::<INDEX, { 1 << 16 }>(&mut table, lengths, lone, |symbol| Entry::number(symbol, 0))?;
        Ok(table)
    }

    /// The canonical codes by the algorithm of RFC 1951 §3.2.2, the first bit highest.
    fn codes(lengths: &[u8]) -> Vec<(u16, u8, u32)> {
        let (mut code, mut codes) = (0, Vec::new());
        for length in 1..=15 {
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, l)| **l == length) {
                codes.push((symbol as u16, length, code));
                code += 1;
            }
            code <<= 1;
        }
        codes
    }

    /// Lengths of a complete code, made by splitting leaves.
    fn complete_code() -> impl Strategy<Value = Vec<u8>> {
        (proptest::collection::vec(any::<usize>(), 1..287), any::<u64>()).prop_map(|(splits, seed)| {
            let mut lengths = vec![1u8, 1];
            for split in splits {
                let at = split % lengths.len();
                if lengths[at] < 15 {
                    lengths[at] += 1;
                    lengths.push(lengths[at]);
                }
            }
            let turn = seed as usize % lengths.len();
            lengths.rotate_left(turn);
            lengths
        })
    }

    proptest! {
        #[test]
        fn every_code_is_found_whatever_follows_it(lengths in complete_code(), noise in any::<u64>()) {
            let table = table(&lengths, false).unwrap();
            for (symbol, length, code) in codes(&lengths) {
                let reversed = u64::from(code.reverse_bits() >> (32 - u32::from(length)));
                let bits = reversed | noise << length;
                let mut entry = look_up::<INDEX, { 1 << 16 }>(&table, bits);
                if entry.is_pointer() {
                    entry = follow::<INDEX, { 1 << 16 }>(&table, entry, bits);
                }
                prop_assert_eq!(entry, Entry::number(symbol, 0).coded(length.into()));
            }
        }

        #[test]
        fn one_code_less_is_incomplete_and_one_more_too_many(lengths in complete_code(), which in any::<usize>()) {
            let mut lengths = lengths;
            lengths.push(*lengths.iter().max().unwrap());
            prop_assert_eq!(table(&lengths, true).err(), Some(NoCode::OverSubscribed));
            lengths.pop();
            let which = which % lengths.len();
            lengths[which] = 0;
            let lone = lengths.iter().filter(|l| **l > 0).all(|l| *l == 1);
            prop_assert_eq!(table(&lengths, true).err(), (!lone).then_some(NoCode::Incomplete));
            prop_assert_eq!(table(&lengths, false).err(), Some(NoCode::Incomplete));
        }
    }

    #[test]
    fn a_single_code_must_be_one_bit_long() {
        assert!(table(&[0, 1], true).is_ok() && table(&[0, 0], true).is_ok());
        assert_eq!(table(&[0, 2], true).err(), Some(NoCode::Incomplete));
        let lone = table(&[0, 1], true).unwrap();
        assert_eq!(look_up::<INDEX, { 1 << 16 }>(&lone, 0b10), Entry::number(1, 0).coded(1));
        assert_eq!(look_up::<INDEX, { 1 << 16 }>(&lone, 0b01), Entry::UNUSED);
    }
}

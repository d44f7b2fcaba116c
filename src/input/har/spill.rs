//! Rows that wait for the request that they belong to: in memory, and where there are many in a file.
//!
//! Chrome writes an entry's messages before its request, and how many come is not known. The file has no name any more
//! once it is open, so that nothing of it is left behind.

use std::env::temp_dir;
use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::rows::{Row, What};
use crate::session::segment::Time;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Bytes that are kept in memory.
const MOST: usize = 16 * 1024 * 1024;

/// Rows in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Spill {
    file: Option<File>,
    memory: Vec<u8>,
    /// When the first row came that has a time.
    pub first: Option<Time>,
    pub count: u64,
}

impl Spill {
    pub(super) fn push(&mut self, row: &Row) -> io::Result<()> {
        self.first = self.first.or(row.time);
        self.count += 1;
        let (opcode, bytes) = match &row.what {
            What::Message(opcode, bytes) => (opcode.0, bytes),
            What::Reported(words) => (u8::MAX, words),
        };
        let (sender, time) = (row.sender as u8, row.time.map_or(0, |time| time.0));
        self.memory.extend_from_slice(&[sender, opcode, u8::from(row.time.is_some())]);
        self.memory.extend_from_slice(&time.to_le_bytes());
        self.memory.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        if self.memory.len().saturating_add(bytes.len()) > MOST {
            return self.move_out(bytes);
        }
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what is in memory, and bytes behind it that have no room there.
    fn move_out(&mut self, behind: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(nameless()?),
        };
        file.write_all(&self.memory)?;
        file.write_all(behind)?;
        self.memory.clear();
        Ok(())
    }

    /// Gives every row, and forgets them.
    pub(super) fn drain<E: From<io::Error>>(
        &mut self,
        mut each: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(mut file) = self.file.take() {
            file.rewind()?;
            let mut reader = BufReader::with_capacity(256 * 1024, file);
            while let Some(row) = next(&mut reader)? {
                each(row)?;
            }
        }
        let memory = std::mem::take(&mut self.memory);
        let mut rest = memory.as_slice();
        while let Some(row) = next(&mut rest)? {
            each(row)?;
        }
        Ok(())
    }
}

fn next(from: &mut impl Read) -> io::Result<Option<Row>> {
    let mut front = [0; 19];
    if let Err(error) = from.read_exact(&mut front) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let [sender, opcode, timed, rest @ ..] = front;
    let (time, len) = rest.split_at(8);
    let number = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
    let mut bytes = vec![0; usize::try_from(number(len)).unwrap_or(0)];
    from.read_exact(&mut bytes)?;
    let sender = if sender == Sender::Client as u8 { Sender::Client } else { Sender::Server };
    let what = if opcode == u8::MAX { What::Reported(bytes) } else { What::Message(Opcode(opcode), bytes) };
    Ok(Some(Row { sender, time: (timed == 1).then(|| Time(number(time))), what }))
}

/// A file that is gone when it is closed.
fn nameless() -> io::Result<File> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let name = format!("wslens-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = temp_dir().join(name);
        match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => return remove_file(&path).map(|()| file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_order_from_memory_and_from_a_file() {
        for (count, len) in [(0, 0), (5, 3), (40, 1024 * 1024)] {
            let mut spill = Spill::default();
            let row = |at: u64| Row {
                sender: Sender::BOTH[at as usize % 2],
                time: (!at.is_multiple_of(3)).then_some(Time(at)),
                what: match at % 5 {
                    0 => What::Reported(vec![at as u8; len]),
                    _ => What::Message(Opcode::BINARY, vec![at as u8; len]),
                },
            };
            (0..count).for_each(|at| spill.push(&row(at)).unwrap());
            assert_eq!(spill.file.is_some(), count == 40);
            let mut seen = 0;
            let each = |got| {
                assert!(got == row(seen));
                seen += 1;
                Ok::<_, io::Error>(())
            };
            spill.drain(each).unwrap();
            assert_eq!(seen, count);
        }
    }

    #[test]
    fn a_row_without_room_takes_none() {
        let mut spill = Spill::default();
        let what = What::Message(Opcode::TEXT, vec![b'a'; MOST]);
        let row = Row { sender: Sender::Client, time: Some(Time(7)), what };
        spill.push(&row).unwrap();
        assert!(spill.file.is_some() && spill.memory.capacity() < 100);
        let each = |got| {
            assert!(got == row);
            Ok::<_, io::Error>(())
        };
        spill.drain(each).unwrap();
    }
}

//! `strace -xx`: what a program wrote to its sockets and read from them. Other files it had open are left
//! out.

mod call;

use std::collections::{HashMap, HashSet};

use self::call::{Call, Kind};
use super::dump::{Dump, Side, Talk, Turn, What};
use super::error::Fault;
use super::roles;
use super::text::{Line, lines};
use crate::session::segment::How;
use crate::wire::sender::Sender;

/// Reads the sockets in `text`. The traced program is the first side.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut trace = Trace::default();
    let mut unfinished = HashMap::new();
    for line in lines(text) {
        if let Some(call) = call::parse(line, &mut unfinished)? {
            trace.call(&call);
        }
    }
    trace.finish()
}

/// Whether a line is a call that moves bytes.
pub(super) fn is_call(line: Line<'_>) -> bool {
    matches!(
        call::parse(line, &mut HashMap::new()),
        Ok(Some(Call { kind: Kind::Write(_) | Kind::Read(_), .. }))
    )
}

/// What the calls so far have told.
#[derive(Default)]
struct Trace {
    dump: Dump,
    /// From the number of an open file to its index.
    open: HashMap<u32, usize>,
    files: Vec<File>,
}

/// A file, from being opened to being closed.
struct File {
    number: u32,
    /// Whether it is known to be a connection.
    connected: bool,
    ended: [bool; 2],
}

impl Trace {
    fn call(&mut self, call: &Call) {
        match &call.kind {
            Kind::Connect => {
                let file = self.begin(call.number);
                self.is_connection(file, Sender::Client);
            }
            Kind::Accept(new) => {
                let file = self.begin(*new);
                self.is_connection(file, Sender::Server);
            }
            Kind::Open(new) => {
                self.open.remove(new);
            }
            Kind::Close => {
                self.open.remove(&call.number);
            }
            Kind::Shutdown => self.end(call, Side::First, How::Fin),
            Kind::Cut => self.end(call, Side::Second, How::Reset),
            Kind::Write(data) => self.data(call, Side::First, data),
            Kind::Read(data) if data.is_empty() => self.end(call, Side::Second, How::Fin),
            Kind::Read(data) => self.data(call, Side::Second, data),
        }
    }

    /// The file of that number, which is opened only now.
    fn begin(&mut self, number: u32) -> usize {
        self.open.remove(&number);
        self.file(number)
    }

    fn file(&mut self, number: u32) -> usize {
        *self.open.entry(number).or_insert_with(|| {
            self.files.push(File { number, connected: false, ended: [false; 2] });
            self.dump.talks.push(Talk { marked: true, ..Talk::default() });
            self.files.len() - 1
        })
    }

    fn is_connection(&mut self, file: usize, program: Sender) {
        if let (Some(file), Some(talk)) = (self.files.get_mut(file), self.dump.talks.get_mut(file)) {
            file.connected = true;
            talk.first = Some(program);
        }
    }

    fn data(&mut self, call: &Call, side: Side, data: &[call::Piece]) {
        let talk = self.file(call.number);
        if let Some(file) = self.files.get_mut(talk) {
            file.connected |= call.is_network;
        }
        for piece in data {
            let start = self.dump.bytes.len();
            self.dump.bytes.extend_from_slice(&piece.bytes);
            self.dump.turn_since(start, talk, side, call.time);
            self.dump.gap(talk, side, call.time, piece.lost);
        }
    }

    fn end(&mut self, call: &Call, side: Side, how: How) {
        let talk = self.file(call.number);
        let Some(file) = self.files.get_mut(talk) else { return };
        let [first, second] = &mut file.ended;
        let ended = if side == Side::First { first } else { second };
        if !std::mem::replace(ended, true) {
            self.dump.turns.push(Turn { talk, side, time: call.time, what: What::End(how) });
        }
    }

    /// Keeps the files that are connections.
    fn finish(mut self) -> Result<Dump, Fault> {
        let keep = self.connections();
        if !keep.contains(&true) {
            return Err(Fault::new(
                0,
                "no call here writes or reads bytes: trace with strace -f -xx -s 1000000 -e trace=network,read,write",
            ));
        }
        let is_kept = |turn: &Turn| keep.get(turn.talk).copied().unwrap_or(false);
        let moves = |turn: &&Turn| !matches!(turn.what, What::End(_));
        let others: HashSet<usize> = self
            .dump
            .turns
            .iter()
            .filter(moves)
            .filter(|turn| !is_kept(turn))
            .map(|turn| turn.talk)
            .collect();
        if !others.is_empty() {
            self.dump
                .note(format!("{} other files that the program read or wrote were left out", others.len()));
        }
        self.dump.turns.retain(is_kept);
        if self.dump.turns.iter().any(|turn| matches!(turn.what, What::Gap(_))) {
            self.dump.note("bytes are missing: strace shortened its strings; trace again with -s 1000000");
        }
        Ok(self.dump)
    }

    /// Which files are connections: those that speak HTTP; or else those that were connected; or else all.
    fn connections(&self) -> Vec<bool> {
        let mut http = vec![false; self.files.len()];
        let mut moved = vec![false; self.files.len()];
        let mut begun = vec![[false; 2]; self.files.len()];
        for turn in &self.dump.turns {
            let What::Bytes(range) = &turn.what else { continue };
            let bytes = self.dump.bytes.get(range.clone()).unwrap_or_default();
            let sides =
                begun.get_mut(turn.talk).map(|[one, two]| if turn.side == Side::First { one } else { two });
            let is_first = sides.is_some_and(|begun| !std::mem::replace(begun, true));
            let speaks = is_first && (roles::is_request_line(bytes) || roles::is_status_line(bytes));
            if let (Some(http), Some(moved)) = (http.get_mut(turn.talk), moved.get_mut(turn.talk)) {
                *http |= speaks;
                *moved = true;
            }
        }
        let connected =
            || self.files.iter().zip(&moved).map(|(file, moved)| file.connected && *moved).collect();
        let beyond_standard =
            || self.files.iter().zip(&moved).map(|(file, moved)| file.number > 2 && *moved).collect();
        let choices: [&dyn Fn() -> Vec<bool>; 4] =
            [&|| http.clone(), &connected, &beyond_standard, &|| moved.clone()];
        choices.into_iter().map(|choice| choice()).find(|choice| choice.contains(&true)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{bytes, error, read_as, sniffed};
    use crate::session::segment::Roles;
    use crate::wire::sender::Sender;
    use proptest::prelude::*;

    fn xx(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect()
    }

    #[test]
    fn sockets_are_told_from_other_files() {
        let text = format!(
            "13 openat(AT_FDCWD, \"\\x2f\", O_RDONLY) = 3\n13 read(3, \"{}\"..., 832) = 832\n13 close(3) = 0\n\
             13 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\n13 connect(3, {{sa_family=AF_INET, sin_port=htons(8765)}}, 16) = 0\n\
             13 sendto(3, \"{}\", 18, 0, NULL, 0) = 18\n13 recvfrom(3, \"{}\", 4096, 0, NULL, NULL) = 18\n13 recvfrom(3, \"\", 4096, 0, NULL, NULL) = 0\n\
             13 write(1, \"\\x6f\\x6b\", 2) = 2\n13 shutdown(3, SHUT_WR) = 0\n13 close(3) = 0\n13 +++ exited with 0 +++\n",
            xx(b"\x7fELF"),
            xx(b"GET / HTTP/1.1\r\n\r\n"),
            xx(b"HTTP/1.1 101 x\r\n\r\n"),
        );
        let (seen, format) = sniffed(&text);
        assert_eq!(format, Format::Strace);
        assert_eq!(seen.story, ["1 open", "1 client 18", "1 server 18", "1 server fin", "1 client fin"]);
        assert_eq!(seen.openings[0].roles, Roles::Marked);
        assert!(
            seen.notices.contains(&"2 other files that the program read or wrote were left out".to_owned()),
            "{:?}",
            seen.notices
        );
    }

    #[test]
    fn accepted_connections_are_the_server_s() {
        let text = "accept4(3, {sa_family=AF_INET}, [16], SOCK_CLOEXEC) = 7\nread(7, \"\\x81\\x80\\x61\\x62\\x63\\x64\", 100) = 6\nwrite(7, \"\\x81\\x00\", 2) = 2\n\
                    read(7, 0x7f, 100) = -1 EAGAIN (Resource temporarily unavailable)\nread(7, 0x7f, 100) = -1 ECONNRESET (Connection reset by peer)\n";
        let (seen, _) = sniffed(text);
        assert_eq!(seen.story, ["1 open", "1 client 6", "1 server 2", "1 client reset", "1 server unknown"]);
    }

    #[test]
    fn shortened_strings_are_gaps() {
        let (seen, _) = sniffed("write(5, \"\\x81\\x7e\"..., 130) = 130\nwrite(5, \"\\x81\\x00\", 2) = 2\n");
        assert_eq!(
            seen.story,
            ["1 open", "1 server 2", "1 server gap 128", "1 server 2", "1 server unknown"]
        );
        assert!(seen.notices.iter().any(|notice| notice.contains("-s 1000000")));
    }

    #[test]
    fn vectors_and_messages_are_read_in_pieces() {
        let text = "writev(20, [{iov_base=\"\\x81\\x05\", iov_len=2}, {iov_base=\"\\x48\"..., iov_len=5}], 2) = 7\n\
                    sendmsg(20, {msg_name=NULL, msg_iov=[{iov_base=\"\\x89\\x00\", iov_len=2}], msg_iovlen=1}, 0) = 2\n\
                    recvmsg(20, {msg_iov=[{iov_base=\"\\x81\\x80\", iov_len=65536}], msg_iovlen=1}, 0) = 2\n";
        let (seen, _) = sniffed(text);
        assert_eq!(seen.story[1..5], ["1 server 3", "1 server gap 4", "1 server 2", "1 client 2"]);
    }

    #[test]
    fn calls_may_be_finished_later() {
        let text = "[pid 7] read(5,  <unfinished ...>\n[pid 8] write(6, \"\\x81\\x00\", 2 <unfinished ...>\n[pid 7] <... read resumed>\"\\x81\\x80\", 100) = 2\n[pid 8] <... write resumed>) = 2\n";
        let (seen, _) = read_as(Some(Format::Strace), None, text.as_bytes()).unwrap();
        assert_eq!(seen.bytes.iter().flatten().filter(|bytes| !bytes.is_empty()).count(), 2);
        let (seen, _) = sniffed(format!("write(9, \"\\x81\\x00\", 2) = 2\n{text}"));
        assert_eq!(seen.openings.len(), 3);
    }

    #[test]
    fn times_and_plain_strings_are_read() {
        let (seen, _) = sniffed("13 12:00:00.5 sendto(3, \"\\201\\5Hello\", 7, 0, NULL, 0) = 7\n");
        assert_eq!(
            (seen.story[1].as_str(), seen.of(Sender::Server)),
            ("1 43200.500000000 server 7", &b"\x81\x05Hello"[..])
        );
    }

    #[test]
    fn a_trace_without_bytes_is_refused() {
        assert!(
            error(Format::Strace, "close(3) = 0\n")
                .starts_with("dump.txt:1:1: no call here writes or reads bytes")
        );
        assert!(
            error(Format::Strace, "write(3, \"\\xzz\", 1) = 1\n")
                .starts_with("dump.txt:1:11: no such escape")
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(bytes in bytes(1..300)) {
            let (seen, format) = sniffed(format!("write(5, \"{}\", {}) = {}\n", xx(&bytes), bytes.len(), bytes.len()));
            prop_assert_eq!(format, Format::Strace);
            prop_assert_eq!(seen.all(), bytes);
        }

        #[test]
        fn mutated_traces_are_read_or_refused(at: prop::sample::Index, to: u8) {
            let text = "[pid 7] read(5,  <unfinished ...>\n[pid 7] <... read resumed>\"\\x81\\x80\", 100) = 2\nwritev(20, [{iov_base=\"\\x81\\x05\", iov_len=2}], 1) = 2\n";
            let mut text = text.as_bytes().to_vec();
            let at = at.index(text.len());
            text[at] = to;
            let _ = read_as(Some(Format::Strace), None, &text);
        }
    }
}

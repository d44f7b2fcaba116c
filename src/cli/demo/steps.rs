//! The tutorial's five steps: what is told around each, and what the page does in it.

/// One step of the story.
#[derive(Debug)]
pub(super) struct Step {
    /// Its place in the story, and the path on which the server plays it.
    pub(super) number: u8,
    pub(super) title: &'static str,
    /// What is told before the lesson.
    pub(super) before: &'static str,
    /// What is told behind it.
    pub(super) behind: &'static str,
    /// What the page sends once the connection is open.
    pub(super) says: Option<&'static str>,
    pub(super) leaves: Leaves,
}

/// When the page closes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    /// It does not: the browser fails the connection, or the server closes it.
    Never,
    /// A moment after it has said what it says.
    Soon,
    /// When the server's message is there.
    AfterReply,
}

impl Leaves {
    /// What the page's script calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Soon => "soon",
            Self::AfterReply => "after the reply",
        }
    }
}

pub(super) const STEPS: [Step; 5] = [
    Step {
        number: 1,
        title: "The server says yes, and the browser says no",
        before: "You wrote a server. It answers every request to upgrade with 101. Your test client of a few lines \
                 was content with that, so you open the page in a browser. Here is what passed on the wire.",
        behind: "A browser always sends a nonce, and takes a 101 only with the answer to it. `wslens accept` \
                 computes that answer for any nonce.",
        says: None,
        leaves: Leaves::Never,
    },
    Step {
        number: 2,
        title: "The handshake is right, and text is still no message",
        before: "Now the server sends Sec-WebSocket-Accept, and greets the browser with socket.write().",
        behind: "Until the 101 the socket speaks HTTP. After it every byte is part of a frame.",
        says: None,
        leaves: Leaves::Never,
    },
    Step {
        number: 3,
        title: "The first frame",
        before: "The server keeps quiet now, and the page calls socket.send(). These are the bytes that the server \
                 has to take apart.",
        behind: "Two bytes, a key of four, then the payload XORed with it: that is a whole frame. A payload over 125 \
                 bytes has its length in the next two bytes; over 65535, in the next eight.",
        says: Some("Websockets are great"),
        leaves: Leaves::Soon,
    },
    Step {
        number: 4,
        title: "An answer in a frame of its own",
        before: "The server's own frame is simpler: it has no mask. Two bytes, then the text as it is.",
        behind: "`wslens encode --text 'Hi, from the server!'` prints these bytes.",
        says: Some("Hello, server!"),
        leaves: Leaves::AfterReply,
    },
    Step {
        number: 5,
        title: "Pieces, a ping, and the end",
        before: "A message may come in several frames, with control frames between them; and both sides say goodbye \
                 before TCP ends.",
        behind: "That is all of the protocol. `wslens decode` takes your own bytes apart in the same way: paste a hex \
                 dump, or name a file.",
        says: Some("hello world"),
        leaves: Leaves::Never,
    },
];

//! The proxy before a web server: pages pass as they are, and what goes wrong is told in one clear sentence.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod taps;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use taps::*;

/// A server that answers each connection's bytes with these, and tells what came.
fn canned(answer: &'static [u8]) -> (u16, std::sync::mpsc::Receiver<Vec<u8>>) {
    let (tell, told) = channel();
    let port = server(move |mut stream| {
        stream.write_all(answer).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        tell.send(read_all(&mut stream).0).unwrap();
    });
    (port, told)
}

#[test]
fn every_form_of_http_passes_byte_for_byte() {
    let requests = b"GET /a HTTP/1.1\r\nhOST:  x \r\nX-Odd : y\r\n\r\nHEAD /b HTTP/1.1\r\nHost: x\r\n\r\n\
        POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5;ext=1\r\nhello\r\n0\r\nT: 1\r\n\r\n\
        PUT /d HTTP/1.1\nHost: x\nContent-Length: 3\n\nabcGET /e HTTP/1.1\r\nHost: x\r\n\r\n";
    let answers: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\
        HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\
        HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n\
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end";
    let (port, told) = canned(answers);
    let proxy = Proxy::start(&["--json", &format!("http://localhost:{port}")]);
    for size in [1, 7, 1000] {
        let mut client = proxy.connect();
        for piece in requests.chunks(size) {
            client.write_all(piece).unwrap();
        }
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(&mut client).0.escape_ascii().to_string(), answers.escape_ascii().to_string());
        let got = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(got.escape_ascii().to_string(), requests.escape_ascii().to_string());
    }
    let stopped = proxy.stop();
    assert!(stopped.lines("request").iter().all(|line| line["handshake"] == false));
    assert!(stopped.lines("request").len() >= 15);
}

#[test]
fn a_server_that_is_down_is_a_502_with_the_reason_and_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut proxy = Proxy::start(&["--json", &format!("ws://localhost:{port}")]);
    let start = Instant::now();
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    let (answer, fin) = read_all(&mut client);
    let answer = String::from_utf8(answer).unwrap();
    assert!(start.elapsed() < Duration::from_secs(1) && fin);
    assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{answer}");
    assert!(answer.contains(&format!("127.0.0.1:{port}: connection refused")), "{answer}");
    proxy.wait_for("answered 502: the server");
    serve_on(TcpListener::bind(("127.0.0.1", port)).unwrap(), |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
    });
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_head(&mut client), SWITCHING);
}

#[test]
fn an_unknown_name_is_a_502_too() {
    let proxy = Proxy::start(&["--quiet", "ws://no-such-host.invalid:80"]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    let answer = String::from_utf8(read_all(&mut client).0).unwrap();
    assert!(answer.contains("the name no-such-host.invalid has no address"), "{answer}");
}

#[test]
fn a_server_on_ipv6_alone_is_found() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        println!("skipped: no IPv6 here");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    serve_on(listener, |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
    });
    let proxy = Proxy::start(&["--quiet", &format!("ws://localhost:{port}")]);
    let mut client = TcpStream::connect(("::1", proxy.port)).unwrap();
    client.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_head(&mut client), SWITCHING);
}

#[test]
fn a_head_that_is_too_long_is_a_431() {
    let (port, told) = canned(b"");
    let proxy = Proxy::start(&["--quiet", &format!("localhost:{port}")]);
    for head in [
        format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(66_000)),
        "GET / HTTP/1.1\r\n".to_owned() + &"A: b\r\n".repeat(300),
    ] {
        let mut client = proxy.connect();
        client.write_all(head.as_bytes()).unwrap();
        let answer = String::from_utf8(read_all(&mut client).0).unwrap();
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(60_000));
    let mut client = proxy.connect();
    client.write_all(long.as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), long.as_bytes(), "what is shorter passes");
}

#[test]
fn a_second_head_that_is_too_long_is_a_431_behind_the_first_answer() {
    let port = server(|mut stream| {
        read_head(&mut stream);
        thread::sleep(Duration::from_millis(200));
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst").unwrap();
        read_all(&mut stream);
    });
    let proxy = Proxy::start(&["--quiet", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client
        .write_all(format!("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nA: {}", "a".repeat(70_000)).as_bytes())
        .unwrap();
    let answer = String::from_utf8(read_all(&mut client).0).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirstHTTP/1.1 431 "), "{answer}");
}

#[test]
fn half_open_clients_are_closed_and_stop_nobody() {
    let port = server(|mut stream| {
        read_head(&mut stream);
        thread::sleep(Duration::from_millis(1500));
        stream.write_all(SWITCHING.as_bytes()).unwrap();
    });
    let mut proxy = Proxy::start(&["--quiet", "--handshake-timeout", "1", &format!("localhost:{port}")]);
    let mut half_open: Vec<_> = (0..500).map(|_| proxy.connect()).collect();
    for client in &mut half_open {
        client.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    }
    let mut real = proxy.connect();
    real.write_all(handshake().as_bytes()).unwrap();
    for client in &mut half_open {
        assert_eq!(read_all(client), (Vec::new(), true));
    }
    assert_eq!(read_head(&mut real), SWITCHING, "the answer may take longer than the head");
    proxy.wait_for("the head of the request did not come whole within 1 s");
    let mut silent = proxy.connect();
    assert_eq!(read_all(&mut silent), (Vec::new(), true));
}

#[test]
fn host_and_origin_are_rewritten_alone_and_told() {
    let (tell, told) = channel();
    let port = server(move |mut stream| {
        tell.send(read_head(&mut stream)).unwrap();
        stream.write_all(SWITCHING.as_bytes()).unwrap();
    });
    let head = "GET / HTTP/1.1\r\nhost:   a:1  \r\nUpgrade: websocket\r\nConnection: upgrade\r\nOrigin: http://a:1\r\nHost-2: a:1\r\n\r\n";
    let upstream = format!("ws://localhost:{port}");
    let mut proxy = Proxy::start(&["--json", "--rewrite-host", "--rewrite-origin", &upstream]);
    let mut client = proxy.connect();
    client.write_all(head.as_bytes()).unwrap();
    let want = head
        .replace("host:   a:1", &format!("host:   localhost:{port}"))
        .replace("http://a:1", &format!("http://localhost:{port}"));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), want);
    assert!(proxy.wait_for("changed on the way").contains("Host was \"a:1\""));
    let stopped = proxy.stop();
    assert_eq!(stopped.lines("request")[0]["headers"][0][1], "a:1", "the view shows what the client sent");
}

#[test]
fn a_refusal_because_of_the_port_names_the_option() {
    // Node's ws refuses an Origin with 401.
    for answer in [
        &b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"[..],
        b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
    ] {
        let (port, _told) = canned(answer);
        let mut proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
        let mut client = proxy.connect();
        let named = "Host: localhost:9\r\nOrigin: http://localhost:9";
        client.write_all(handshake().replace("Host: localhost", named).as_bytes()).unwrap();
        proxy.wait_for("--rewrite-host");
        proxy.wait_for("--rewrite-origin");
    }
}

#[test]
fn after_a_refusal_the_connection_goes_on_with_http() {
    let port = server(|mut stream| {
        for status in ["426 Upgrade Required", "200 OK"] {
            let head = read_head(&mut stream);
            assert!(head.contains("localhost:"), "Host is rewritten in both: {head}");
            stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
        }
    });
    let proxy = Proxy::start(&["--quiet", "--rewrite-host", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    assert!(read_head(&mut client).contains("426"));
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(read_head(&mut client).contains("200 OK"));
}

#[test]
fn a_proxy_before_itself_is_told_and_runs_in_no_circle() {
    // A port that is free on both addresses, most likely.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    command.args(["proxy", "--quiet", "--listen", &free, &format!("localhost:{free}")]);
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stderr.as_mut().unwrap().read_exact(&mut first).unwrap();
    let mut client = connect(free.parse().unwrap());
    client.write_all(handshake().as_bytes()).unwrap();
    let answer = String::from_utf8(read_all(&mut client).0).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 502 ") && answer.contains("wslens itself listens there"),
        "{answer}"
    );
}

#[test]
fn a_head_in_pieces_behind_another_has_its_own_time() {
    let port = server(|mut stream| {
        let mut got = [0; 1024];
        while let Ok(1..) = stream.read(&mut got) {}
    });
    let proxy = Proxy::start(&["--quiet", "--handshake-timeout", "1", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(b"GE").unwrap();
    for _ in 0..8 {
        thread::sleep(Duration::from_millis(250));
        client.write_all(b"T / HTTP/1.1\r\nHost: a\r\n\r\nGE").unwrap();
    }
    client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let still_open = client.read(&mut [0]).unwrap_err().kind();
    assert!(
        matches!(still_open, std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
        "{still_open}"
    );
}

#[test]
fn a_port_in_use_is_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["proxy", "--listen", &port, "localhost:1"])
        .output()
        .unwrap();
    let error = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(
        error.starts_with(&format!("error: 127.0.0.1:{port} is in use: ")) && error.lines().count() == 1,
        "{error}"
    );
}

#[test]
fn few_file_descriptors_make_others_wait() {
    let port = server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        read_all(&mut stream);
    });
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wslens")]);
    let mut proxy = Proxy::start_command(limited, &["--quiet", &format!("localhost:{port}")]);
    let mut clients: Vec<_> = (0..200).map(|_| proxy.connect()).collect();
    for client in &mut clients {
        client.write_all(handshake().as_bytes()).unwrap();
    }
    proxy.wait_for("64 file descriptors");
    let stat = || std::fs::read_to_string(format!("/proc/{}/stat", proxy.pid())).expect("Linux");
    let ticks =
        |stat: &str| stat.split(' ').skip(13).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>();
    let before = ticks(&stat());
    thread::sleep(Duration::from_secs(1));
    let busy = ticks(&stat()) - before;
    assert!(busy < 50, "{busy} ticks of a hundred: a busy loop");
    for mut client in clients {
        assert_eq!(read_head(&mut client), SWITCHING, "each is served in its turn");
    }
}

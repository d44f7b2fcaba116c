//! The proxy with TLS on either leg, and as the HTTP proxy of a browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod taps;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use taps::tls::*;
use taps::*;

#[test]
fn a_reverse_proxy_speaks_tls_on_both_legs() {
    let home = tempfile::tempdir().unwrap();
    for notify in [true, false] {
        let server = tls_server("localhost", 4000, b"http/1.1", notify);
        let root = home.path().join("root.pem");
        std::fs::write(&root, &server.root).unwrap();
        let keys = home.path().join("keys");
        let upstream = format!("wss://localhost:{}", server.port);
        let args = [
            "--json",
            "--tls",
            "--upstream-ca",
            root.to_str().unwrap(),
            "--keylog",
            keys.to_str().unwrap(),
            &upstream,
        ];
        let proxy = start(home.path(), &args);
        for name in ["localhost", "127.0.0.1"] {
            let mut tls = client(proxy.connect(), name, &[ca(home.path())]);
            tls.write_all(handshake().as_bytes()).unwrap();
            tls.write_all(b"\x88\x80\x01\x02\x03\x04").unwrap();
            assert_eq!(read_tls(&mut tls), (answer(), notify), "close_notify or its absence passes");
            assert_eq!(tls.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
            assert_eq!(tls.conn.peer_certificates().unwrap().len(), 2, "the CA goes along");
            tls.conn.send_close_notify();
            tls.flush().unwrap();
            drop(tls);
            let got = server.got.recv_timeout(PATIENCE).unwrap();
            assert_eq!(got, [handshake().as_bytes(), b"\x88\x80\x01\x02\x03\x04"].concat());
        }
        let stopped = proxy.stop();
        assert!(stopped.lines("open").iter().all(|open| open["tls"] == true));
        assert_eq!(stopped.lines("frame").len(), 4);
        let told = stopped.err.contains("no close_notify from the server, nor to the client");
        assert_eq!(told, !notify, "{}", stopped.err);
        let keys = std::fs::read_to_string(&keys).unwrap();
        assert!(keys.lines().count() >= 8 && keys.contains("CLIENT_TRAFFIC_SECRET_0 "), "{keys}");
    }
}

#[test]
fn a_server_that_cannot_be_believed_is_a_502_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root.pem");
    for (name, year, alpn, trusted, says) in [
        ("localhost", 4000, &b"http/1.1"[..], false, "nobody whom this system trusts"),
        ("localhost", 2020, b"http/1.1", true, "has expired"),
        ("example.org", 4000, b"http/1.1", true, "is for another name"),
        ("localhost", 4000, b"h2", true, "does not speak HTTP/1.1"),
    ] {
        let server = tls_server(name, year, alpn, true);
        std::fs::write(&root, &server.root).unwrap();
        let upstream = format!("https://localhost:{}", server.port);
        let trust = if trusted { vec!["--upstream-ca", root.to_str().unwrap()] } else { Vec::new() };
        let proxy = start(home.path(), &[&trust[..], &["--quiet", &upstream]].concat());
        let mut client = proxy.connect();
        client.write_all(handshake().as_bytes()).unwrap();
        let text = String::from_utf8(read_all(&mut client).0).unwrap();
        assert!(text.starts_with("HTTP/1.1 502 ") && text.contains(says), "{text}");
        if alpn == b"http/1.1" {
            let proxy = start(home.path(), &["--json", "--insecure", &upstream]);
            let mut client = proxy.connect();
            client.write_all(handshake().as_bytes()).unwrap();
            assert_eq!(read_all(&mut client).0, answer());
            drop(client);
            let stopped = proxy.stop();
            assert!(stopped.err.contains("warning: --insecure"));
            assert!(stopped.lines("open")[0]["input"].as_str().unwrap().contains("--insecure"));
        }
    }
    let plain = server(|mut stream| stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").unwrap());
    let proxy = start(home.path(), &["--quiet", &format!("wss://localhost:{plain}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    assert!(String::from_utf8(read_all(&mut client).0).unwrap().contains("is no TLS"));
}

#[test]
fn a_certificate_that_signs_itself_is_believed_where_it_is_named_itself() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root.pem");
    for (name, year, named, says) in [
        ("localhost", 4000, true, "HTTP/1.1 101 "),
        ("localhost", 4000, false, "its certificate is a CA's"),
        ("example.org", 4000, true, "is for another name"),
        ("localhost", 2020, true, "has expired"),
    ] {
        let server = self_signed_server(name, year);
        let other = self_signed_server("localhost", 4000);
        std::fs::write(&root, if named { &server.root } else { &other.root }).unwrap();
        let upstream = format!("wss://localhost:{}", server.port);
        let proxy = start(home.path(), &["--quiet", "--upstream-ca", root.to_str().unwrap(), &upstream]);
        let mut client = proxy.connect();
        client.write_all(handshake().as_bytes()).unwrap();
        let text = String::from_utf8_lossy(&read_all(&mut client).0).into_owned();
        assert!(text.contains(says), "{name} {year} {named}: {text}");
    }
}

#[test]
fn a_client_that_does_not_trust_us_is_told_of_the_command() {
    let home = tempfile::tempdir().unwrap();
    let mut proxy = start(home.path(), &["--quiet", "--tls", "localhost:1"]);
    let mut tls = client(proxy.connect(), "localhost", &[]);
    assert!(tls.write_all(b"GET").is_err());
    proxy.wait_for("wslens ca");
    let mut silent = proxy.connect();
    let mut tls = client(silent.try_clone().unwrap(), "localhost", &[]).conn;
    tls.write_tls(&mut silent).unwrap();
    assert!(silent.read(&mut [0; 16]).unwrap() > 0);
    silent.shutdown(std::net::Shutdown::Write).unwrap();
    proxy.wait_for("broke off TLS without a word");
}

fn connect_through(proxy: &Proxy, target: &str) -> TcpStream {
    let mut stream = proxy.connect();
    stream.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes()).unwrap();
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 200 "));
    stream
}

#[test]
fn a_tunnel_is_looked_into_whether_tls_or_http_goes_through() {
    let home = tempfile::tempdir().unwrap();
    let secure = tls_server("localhost", 4000, b"http/1.1", true);
    let root = home.path().join("root.pem");
    std::fs::write(&root, &secure.root).unwrap();
    let plain = server(|mut stream| {
        assert_eq!(read_head(&mut stream), handshake());
        stream.write_all(&answer()).unwrap();
    });
    let proxy = start(home.path(), &["--json", "--upstream-ca", root.to_str().unwrap()]);
    let mut tls = client(
        connect_through(&proxy, &format!("localhost:{}", secure.port)),
        "localhost",
        &[ca(home.path())],
    );
    tls.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_tls(&mut tls), (answer(), true));
    drop(tls);
    let mut stream = connect_through(&proxy, &format!("localhost:{plain}"));
    stream.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_all(&mut stream), (answer(), true));
    drop(stream);
    let stopped = proxy.stop();
    let opens: Vec<_> = stopped.lines("open").iter().map(|open| open["tls"].clone()).collect();
    assert_eq!(opens, [true, false]);
    assert_eq!(stopped.lines("frame").len(), 2);
    assert_eq!(stopped.err.matches("answered CONNECT localhost:").count(), 2);
}

#[test]
fn what_is_neither_and_what_the_user_names_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let echo = server(|mut stream| {
        let mut bytes = [0; 4];
        while stream.read_exact(&mut bytes).is_ok() {
            stream.write_all(&bytes).unwrap();
        }
    });
    let speaks_first = server(|mut stream| stream.write_all(b"220 hello\r\n").unwrap());
    let proxy = start(home.path(), &["--json"]);
    let mut stream = connect_through(&proxy, &format!("localhost:{echo}"));
    for bytes in [b"\x00\x01\x02\x03", b"SSH-", b"\x81\x02hi"] {
        stream.write_all(bytes).unwrap();
        let mut back = [0; 4];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(&back, bytes);
    }
    let mut stream = connect_through(&proxy, &format!("localhost:{speaks_first}"));
    assert_eq!(read_all(&mut stream).0, b"220 hello\r\n");
    let stopped = proxy.stop();
    assert!(stopped.lines("open").is_empty(), "{}", stopped.out);

    let secure = tls_server("localhost", 4000, b"http/1.1", true);
    let root = CertificateDer::from_pem_slice(secure.root.as_bytes()).unwrap();
    let proxy = start(home.path(), &["--json", "--tunnel", "local*"]);
    let mut tls =
        client(connect_through(&proxy, &format!("localhost:{}", secure.port)), "localhost", &[root]);
    tls.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_tls(&mut tls), (answer(), true), "the server's own certificate");
}

#[test]
fn a_server_that_is_down_is_a_502_inside_the_tunnel() {
    let home = tempfile::tempdir().unwrap();
    let proxy = start(home.path(), &["--quiet"]);
    let mut tls = client(connect_through(&proxy, "localhost:1"), "localhost", &[ca(home.path())]);
    tls.write_all(handshake().as_bytes()).unwrap();
    let text = String::from_utf8(read_tls(&mut tls).0).unwrap();
    assert!(text.starts_with("HTTP/1.1 502 ") && text.contains("connection refused"), "{text}");
}

#[test]
fn each_absolute_form_request_goes_to_its_own_server() {
    let home = tempfile::tempdir().unwrap();
    let numbered = |number: u8| {
        server(move |mut stream| {
            loop {
                let head = read_head(&mut stream);
                if head.is_empty() {
                    return;
                }
                thread::sleep(Duration::from_millis(50));
                let text = format!("{number}: {head}");
                let chunks = format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len());
                stream
                    .write_all(
                        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").as_bytes(),
                    )
                    .unwrap();
            }
        })
    };
    let (one, two) = (numbered(1), numbered(2));
    let mut proxy = start(home.path(), &["--json"]);
    let mut client = proxy.connect();
    let request = |port: u16, path: &str| {
        format!(
            "GET http://localhost:{port}{path} HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n"
        )
    };
    let all = [request(one, "/a"), request(two, "/b?c"), request(two, ""), request(one, "/d")].concat();
    client.write_all(all.as_bytes()).unwrap();
    for want in ["1: GET /a HTTP", "2: GET /b?c HTTP", "2: GET / HTTP", "1: GET /d HTTP"] {
        read_head(&mut client);
        let mut text = vec![0; want.len() + 300];
        let mut len = 0;
        while !text[..len].ends_with(b"\r\n0\r\n\r\n") {
            len += client.read(&mut text[len..len + 1]).unwrap();
        }
        let text = String::from_utf8(text[..len].to_vec()).unwrap();
        assert!(text.contains(want) && !text.contains("Proxy-"), "{text}");
    }
    assert!(proxy.wait_for("passed on as").contains("\"/a\", without Proxy-Connection"));
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut lost = proxy.connect();
    lost.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(String::from_utf8(read_all(&mut lost).0).unwrap().contains("this is a forward proxy"));
    drop((client, lost));
    let opens = proxy.stop().lines("open");
    assert!(
        opens.iter().all(|open| open["server"] != "nowhere:0") && opens[1]["server"].is_null(),
        "{opens:?}"
    );
}

#[test]
fn the_authority_is_shown_exported_and_explained() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
        command.arg("ca").args(args).env("XDG_CONFIG_HOME", home.path()).output().unwrap()
    };
    let text = String::from_utf8(run(&[]).stdout).unwrap();
    for words in
        ["SHA-256", "Chromium", "Firefox", "--ignore-certificate-errors-spki-list=", "update-ca-certificates"]
    {
        assert!(text.contains(words), "{text}");
    }
    let file = home.path().join("out.pem");
    assert!(run(&["--export", file.to_str().unwrap()]).status.success());
    assert_eq!(std::fs::read(file).unwrap(), run(&["--pem"]).stdout);
    let key = home.path().join("wslens/ca-key.pem");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("chmod 600"));
}

//! A letter on its way, and a mail server that refuses.

use exchange::{Letter, Postman, Sent};
use record::letter::{Correspondent, LetterHeads};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

fn letter() -> Letter {
    Letter {
        from: "Science 3D <noreply@example.org>".into(),
        to: "ada@example.org".into(),
        subject: "Ihr Datensatz „Käfer“ ist öffentlich\r\nBcc: eve@example.org".into(),
        text: "Guten Tag,\n.\nhier ist der Link: https://science3d.example.org/records/7h3k9x2q4\n".into(),
        heads: LetterHeads::default(),
    }
}

/// Speaks enough SMTP for one letter; `at_recipient` is its answer to RCPT.
async fn post_office(at_recipient: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let (read, mut write) = socket.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 here\r\n").await.unwrap();
        let mut heard = String::new();
        let mut in_data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match &line {
                _ if in_data && line == "." => {
                    in_data = false;
                    "250 kept\r\n"
                }
                _ if in_data => continue,
                _ if line.starts_with("RCPT") => at_recipient,
                _ if line.starts_with("DATA") => {
                    in_data = true;
                    "354 go\r\n"
                }
                _ if line.starts_with("QUIT") => "221 bye\r\n",
                _ => "250 ok\r\n",
            };
            if write.write_all(answer.as_bytes()).await.is_err() || line.starts_with("QUIT") {
                break;
            }
        }
        heard
    });
    (url, heard)
}

#[tokio::test]
async fn the_outbox_keeps_the_whole_letter() {
    let Sent::ForOutbox(text) = Postman::Outbox.send(&letter()).await.unwrap() else { panic!("it was handed to somebody") };
    assert!(text.contains("To: ada@example.org") && text.contains("Subject: "), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
}

/// The head of this name, unfolded.
fn head(letter: &str, name: &str) -> Option<String> {
    let heads = letter.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
    heads.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
}

#[tokio::test]
async fn an_answer_goes_to_the_writer_and_one_post_ends_the_letters() {
    let reply_to = Correspondent { name: "Noether, \"Emmy\"\r\nBcc: eve@example.org".into(), email: "emmy@example.org".parse().unwrap() };
    let unsubscribe = format!("https://science3d.example.org/follow/{}", "s".repeat(32));
    let heads = LetterHeads { reply_to: Some(reply_to), unsubscribe: Some(unsubscribe.clone()) };
    let Sent::ForOutbox(text) = Postman::Outbox.send(&Letter { heads, ..letter() }).await.unwrap() else { panic!("it was handed on") };
    let to = head(&text, "Reply-To").unwrap();
    assert!(to.ends_with("<emmy@example.org>") && !to.contains("eve@example.org>"), "{text}");
    assert_eq!(head(&text, "Bcc"), None, "{text}");
    assert_eq!(head(&text, "List-Unsubscribe"), Some(format!("<{unsubscribe}>")), "{text}");
    let reply_to = Correspondent { name: "Emmy Noether".into(), email: "emmy@example.org".parse().unwrap() };
    let heads = LetterHeads { reply_to: Some(reply_to), unsubscribe: None };
    let Sent::ForOutbox(plain) = Postman::Outbox.send(&Letter { heads, ..letter() }).await.unwrap() else { panic!("it was handed on") };
    let answer = head(&plain, "Reply-To").unwrap().replace('"', "");
    assert_eq!((answer.as_str(), head(&plain, "List-Unsubscribe")), ("Emmy Noether <emmy@example.org>", None), "{plain}");
    assert_eq!(head(&text, "List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"), "{text}");
}

#[tokio::test]
async fn a_letter_is_handed_to_the_post_office() {
    let (url, heard) = post_office("250 ok\r\n").await;
    let postman = Postman::smtp(&url).unwrap();
    assert_eq!(postman.send(&letter()).await, Ok(Sent::Handed));
    drop(postman);
    let heard = heard.await.unwrap();
    assert!(heard.contains("RCPT TO:<ada@example.org>") && !heard.contains("RCPT TO:<eve"), "{heard}");
}

#[tokio::test]
async fn a_refusal_is_told_and_a_delay_tried_again() {
    for (answer, retry) in [("550 no such person\r\n", false), ("451 try later\r\n", true)] {
        let (url, _heard) = post_office(answer).await;
        let fault = Postman::smtp(&url).unwrap().send(&letter()).await.unwrap_err();
        assert_eq!(fault.retry, retry, "{fault}");
        assert!(fault.to_string().contains("ada@example.org"), "{fault}");
    }
    assert!(Postman::smtp("smtp://127.0.0.1:1").unwrap().send(&letter()).await.unwrap_err().retry);
    let nobody = Letter { to: "nobody".into(), ..letter() };
    assert!(!Postman::Outbox.send(&nobody).await.unwrap_err().retry);
    assert!(!Postman::smtp("nonsense:topsecret").unwrap_err().to_string().contains("topsecret"));
}

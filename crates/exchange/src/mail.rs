//! Letters to people: by SMTP, or into a local outbox that the caller keeps.

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use record::letter::LetterHeads;
use std::{fmt, time::Duration};

pub enum Postman {
    /// Sends nothing; the caller stores the text for the administrator.
    Outbox,
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// `Science 3D <noreply@example.org>`
    pub from: String,
    pub to: String,
    pub subject: String,
    /// Plain text.
    pub text: String,
    pub heads: LetterHeads,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    Handed,
    /// To be kept: the whole letter with its heads.
    ForOutbox(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the letter to {to} was not sent: {says}")]
pub struct MailFault {
    pub retry: bool,
    pub to: String,
    pub says: String,
}

const TIMEOUT: Duration = Duration::from_secs(30);

impl Postman {
    /// `smtps://user:password@host`, `smtp://host:587?tls=required`, `smtp://localhost:25`.
    pub fn smtp(url: &str) -> Result<Self, MailFault> {
        // The error is not repeated: it could hold the password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| MailFault {
            retry: false,
            to: "anybody".to_owned(),
            says: "the mail address in the configuration is not of the form smtps://user:password@host or smtp://host:port".to_owned(),
        })?;
        Ok(Self::Smtp(Box::new(builder.timeout(Some(TIMEOUT)).build())))
    }

    pub fn is_outbox(&self) -> bool {
        matches!(self, Self::Outbox)
    }

    pub async fn send(&self, letter: &Letter) -> Result<Sent, MailFault> {
        let message = letter.message()?;
        match self {
            Self::Outbox => Ok(Sent::ForOutbox(String::from_utf8_lossy(&message.formatted()).into_owned())),
            Self::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(Sent::Handed),
                Err(error) => {
                    Err(MailFault { retry: !error.is_permanent() && !error.is_client(), to: letter.to.clone(), says: chain(&error) })
                }
            },
        }
    }
}

impl Letter {
    fn message(&self) -> Result<Message, MailFault> {
        let fault = |says: String| MailFault { retry: false, to: self.to.chars().take(200).collect(), says };
        let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| fault(format!("“{text}” is not a mail address ({error})")));
        let mut builder = Message::builder().from(mailbox(&self.from)?).to(mailbox(&self.to)?).subject(in_one_line(&self.subject));
        if let Some(writer) = &self.heads.reply_to {
            let address = writer.email.as_str().parse::<Address>();
            let address = address.map_err(|error| fault(format!("nobody can answer “{}” ({error})", writer.email)))?;
            builder = builder.reply_to(Mailbox::new(Some(in_one_line(&writer.name)), address));
        }
        let message = builder.header(ContentType::TEXT_PLAIN).body(self.text.clone());
        let mut message = message.map_err(|error| fault(error.to_string()))?;
        if let Some(address) = &self.heads.unsubscribe {
            let heads = message.headers_mut();
            heads.insert_raw(HeaderValue::new(UNSUBSCRIBE, format!("<{}>", in_one_line(address))));
            heads.insert_raw(HeaderValue::new(UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click".to_owned()));
        }
        Ok(message)
    }
}

/// RFC 8058: a mail program ends the letters by one POST, without a page.
const UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
const UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");

/// A line break would begin another head.
fn in_one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut says = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !says.contains(&words) {
            says.push_str(&format!(": {words}"));
        }
        cause = deeper.source();
    }
    says.chars().filter(|letter| !letter.is_control()).take(500).collect()
}

impl fmt::Debug for Postman {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_outbox() { "Outbox" } else { "Smtp (address hidden)" })
    }
}

//! Letters to people: by SMTP, or into a local outbox that the caller keeps.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
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
        // A line break would begin another head.
        let subject: String = self.subject.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        Message::builder()
            .from(mailbox(&self.from)?)
            .to(mailbox(&self.to)?)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(self.text.clone())
            .map_err(|error| fault(error.to_string()))
    }
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

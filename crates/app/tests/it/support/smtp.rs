//! A mail server for one test: speaks SMTP on a port of its own, by the state machine of `mailin`.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use mailin::{Action, Handler, Response, SessionBuilder, response};

/// What the server says to an address: `None` takes the letter, otherwise code and words.
type Answer = fn(&str) -> Option<(u16, &'static str)>;

/// A letter that was taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    pub to: String,
    pub text: String,
}

/// The server. It runs until the process ends.
pub struct MailServer {
    pub url: String,
    taken: Arc<Mutex<Vec<Taken>>>,
}

struct Postman {
    answer: Answer,
    letter: Taken,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Handler for Postman {
    fn rcpt(&mut self, to: &str) -> Response {
        if let Some((code, words)) = (self.answer)(to) {
            return Response::custom(code, words.to_owned());
        }
        self.letter = Taken {
            to: to.to_owned(),
            text: String::new(),
        };
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.letter.text.push_str(&String::from_utf8_lossy(bytes));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let letter = std::mem::take(&mut self.letter);
        self.taken.lock().expect("not poisoned").push(letter);
        response::OK
    }
}

fn converse(mut stream: TcpStream, postman: Postman) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut session = SessionBuilder::new("mail.test.example").build(IpAddr::from([127, 0, 0, 1]), postman);
    session.greeting().write_to(&mut stream)?;
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = session.process(&line);
        match answer.action {
            Action::NoReply => {}
            Action::Close => return answer.write_to(&mut stream),
            _ => answer.write_to(&mut stream)?,
        }
        stream.flush()?;
    }
}

impl MailServer {
    /// A server that takes every letter.
    pub fn start() -> Self {
        Self::answering(|_| None)
    }

    /// A server that answers addresses so.
    pub fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let taken = Arc::<Mutex<Vec<Taken>>>::default();
        let all = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let postman = Postman {
                    answer,
                    letter: Taken::default(),
                    taken: Arc::clone(&all),
                };
                // A client that goes away in the middle is its own business.
                std::thread::spawn(move || converse(stream, postman));
            }
        });
        Self { url, taken }
    }

    /// The address of a server that is not there.
    pub fn nowhere() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("smtp://{}", listener.local_addr().expect("an address"))
    }

    /// The letters that were taken, in order of address.
    pub fn taken(&self) -> Vec<Taken> {
        let mut taken = self.taken.lock().expect("not poisoned").clone();
        taken.sort_by(|one, other| one.to.cmp(&other.to));
        taken
    }
}

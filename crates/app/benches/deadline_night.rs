//! The last night before activation is due: distinct students sign in, read, keep a draft and activate, all within minutes.
//!
//! `deadline_night --students FILE [--clients N] URL…`: FILE has a 学号 of a demo database a line; the addresses are servers
//! over the same database, asked in turn, so that a student's next request goes to another one. `bench/deadline-night.sh`
//! makes the university, starts the servers and compares afterwards what was answered with what is there.
//!
//! Half of the students do everything one after the other (the night); the other half sign in first and then all press
//! 激活账户 (the burst). One in twenty presses twice at the same moment. Prints a line a step and ends with status 1 when
//! anything was answered that is no page, no success and no fair refusal.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};

/// What is counted as the longest: microseconds of ten minutes.
const LONGEST: u64 = 600_000_000;

const FORM: &str = "/student/activation";

fn main() -> ExitCode {
    let Some(order) = Order::read(std::env::args().skip(1)) else {
        // `cargo test --benches` and a bare `cargo bench` come here.
        note("usage: deadline_night --students FILE [--clients N] URL…");
        return ExitCode::SUCCESS;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    if runtime.block_on(order.carry_out()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[expect(clippy::print_stderr, reason = "said to whoever sits at the terminal")]
fn note(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "what the script reads")]
fn say(text: &str) {
    println!("{text}");
}

struct Order {
    students: Vec<String>,
    clients: usize,
    servers: Vec<String>,
}

impl Order {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut order = Self {
            students: Vec::new(),
            clients: 64,
            servers: Vec::new(),
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--students" => {
                    let file = std::fs::read_to_string(words.next()?).ok()?;
                    order.students = file.lines().map(str::to_owned).collect();
                }
                "--clients" => order.clients = words.next()?.parse().ok()?,
                word if word.starts_with("http") => order.servers.push(word.to_owned()),
                _ => {}
            }
        }
        (!order.students.is_empty() && !order.servers.is_empty()).then_some(order)
    }

    async fn carry_out(self) -> bool {
        let clients = self.clients;
        let (night, burst) = self.students.split_at(self.students.len() / 2);
        let (night, burst) = (night.to_vec(), burst.to_vec());
        let crowd = Arc::new(Crowd::new(self.servers));

        let begun = Instant::now();
        let whole = |crowd: Arc<Crowd>, number: usize, student_no: String| async move {
            let form = crowd.come(&student_no).await?;
            crowd.activate(&form, number.is_multiple_of(20)).await
        };
        each(&crowd, clients, night, whole).await;
        crowd.report("夜", begun.elapsed());

        let forms = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&forms);
        let come = move |crowd: Arc<Crowd>, _: usize, student_no: String| {
            let keep = Arc::clone(&keep);
            async move {
                let form = crowd.come(&student_no).await?;
                keep.lock().expect("not poisoned").push(form);
                Ok(())
            }
        };
        each(&crowd, clients, burst, come).await;
        crowd.forget_times();
        let forms = std::mem::take(&mut *forms.lock().expect("not poisoned"));
        let begun = Instant::now();
        let press = |crowd: Arc<Crowd>, number: usize, form: Form| async move {
            crowd.activate(&form, number.is_multiple_of(20)).await
        };
        each(&crowd, clients, forms, press).await;
        crowd.report("齐按激活", begun.elapsed());
        crowd.is_fair()
    }
}

/// Does `what` with every item, `clients` at a time.
async fn each<T, F, W>(crowd: &Arc<Crowd>, clients: usize, items: Vec<T>, what: F)
where
    T: Send + 'static,
    F: Fn(Arc<Crowd>, usize, T) -> W + Clone + Send + 'static,
    W: Future<Output = Result<(), String>> + Send,
{
    let queue = Arc::new(Mutex::new(items.into_iter().enumerate()));
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (crowd, queue, what) = (Arc::clone(crowd), Arc::clone(&queue), what.clone());
            tokio::spawn(async move {
                loop {
                    let next = queue.lock().expect("not poisoned").next();
                    let Some((number, item)) = next else { break };
                    if let Err(error) = what(Arc::clone(&crowd), number, item).await {
                        crowd.complain(error);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client does not panic");
    }
}

/// The form as a student has it open.
struct Form {
    cookie: String,
    entry: String,
    seen: String,
}

impl Form {
    fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("entry", &self.entry),
            ("seen", &self.seen),
            ("mobile", "13800000000"),
            ("email", "student@univ.example"),
            ("qq", ""),
            ("address", "某省某市某路 1 号"),
            ("postcode", "710000"),
            ("home_phone", "029-80000000"),
            ("checked", "yes"),
        ]
    }
}

struct Crowd {
    client: Client,
    servers: Vec<String>,
    asked: AtomicUsize,
    times: Mutex<BTreeMap<&'static str, Histogram<u64>>>,
    activated: AtomicUsize,
    refused: AtomicUsize,
    complaints: Mutex<Vec<String>>,
}

impl Crowd {
    fn new(servers: Vec<String>) -> Self {
        Self {
            client: Client::builder()
                .redirect(Policy::none())
                .timeout(Duration::from_mins(1))
                .build()
                .expect("a client"),
            servers,
            asked: AtomicUsize::new(0),
            times: Mutex::default(),
            activated: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            complaints: Mutex::default(),
        }
    }

    /// The next server's address of a page.
    fn address(&self, path: &str) -> String {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed) % self.servers.len();
        format!("{}{path}", self.servers[turn])
    }

    async fn timed(&self, step: &'static str, request: reqwest::RequestBuilder) -> Result<Response, String> {
        let begun = Instant::now();
        let response = request
            .header("sec-fetch-site", "same-origin")
            .send()
            .await
            .map_err(|error| format!("{step}: {error}"))?;
        let taken = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut times = self.times.lock().expect("not poisoned");
        times
            .entry(step)
            .or_insert_with(|| Histogram::new_with_bounds(1, LONGEST, 3).expect("these bounds are bounds"))
            .saturating_record(taken);
        Ok(response)
    }

    /// From the sign-in to the open form, with a draft kept.
    async fn come(&self, student_no: &str) -> Result<Form, String> {
        let sign_in = self
            .client
            .post(self.address("/sign-in/student"))
            .form(&[("student_no", student_no)]);
        let response = expect(self.timed("登录", sign_in).await?, StatusCode::SEE_OTHER)?;
        let cookie = response
            .headers()
            .get(SET_COOKIE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.split(';').next())
            .ok_or("登录: no cookie")?
            .to_owned();
        let home = self.client.get(self.address("/student")).header(COOKIE, &cookie);
        read(expect(self.timed("首页", home).await?, StatusCode::OK)?).await?;
        let page = self.client.get(self.address(FORM)).header(COOKIE, &cookie);
        let text = read(expect(self.timed("表单", page).await?, StatusCode::OK)?).await?;
        let form = Form {
            cookie,
            entry: hidden(&text, "entry")?,
            seen: hidden(&text, "seen")?,
        };
        let draft = self
            .client
            .post(self.address("/student/activation/draft"))
            .header(COOKIE, &form.cookie)
            .form(&form.fields());
        expect(self.timed("草稿", draft).await?, StatusCode::SEE_OTHER)?;
        Ok(form)
    }

    /// Presses 激活账户, or presses it twice at the same moment.
    async fn activate(&self, form: &Form, twice: bool) -> Result<(), String> {
        let press = || {
            let request = self
                .client
                .post(self.address(FORM))
                .header(COOKIE, &form.cookie)
                .form(&form.fields());
            self.timed("激活", request)
        };
        let answers = if twice {
            let (one, other) = tokio::join!(press(), press());
            vec![one?, other?]
        } else {
            vec![press().await?]
        };
        // Both of two presses are told the same.
        let status = answers[0].status();
        for answer in answers {
            match answer.status() {
                StatusCode::SEE_OTHER if led_in(&answer) => {}
                // A record with a fault is refused on the page; that is fair.
                StatusCode::UNPROCESSABLE_ENTITY => {}
                other => return Err(format!("激活: {other}")),
            }
        }
        let counter = if status == StatusCode::SEE_OTHER {
            &self.activated
        } else {
            &self.refused
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn complain(&self, error: String) {
        self.complaints.lock().expect("not poisoned").push(error);
    }

    fn forget_times(&self) {
        self.times.lock().expect("not poisoned").clear();
        self.activated.store(0, Ordering::Relaxed);
        self.refused.store(0, Ordering::Relaxed);
    }

    /// `STEP WHAT COUNT P50 P99 MAX`, in milliseconds, then `TOTAL WHAT ACTIVATED REFUSED PER-SECOND`.
    fn report(&self, what: &str, taken: Duration) {
        for (step, times) in self.times.lock().expect("not poisoned").iter() {
            #[expect(clippy::cast_precision_loss, reason = "microseconds of a minute fit")]
            let ms = |value: u64| value as f64 / 1000.0;
            say(&format!(
                "STEP {what} {step} {} {:.1} {:.1} {:.1}",
                times.len(),
                ms(times.value_at_quantile(0.5)),
                ms(times.value_at_quantile(0.99)),
                ms(times.max())
            ));
        }
        let activated = self.activated.load(Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let rate = activated as f64 / taken.as_secs_f64();
        say(&format!(
            "TOTAL {what} {activated} {} {rate:.0}",
            self.refused.load(Ordering::Relaxed)
        ));
    }

    fn is_fair(&self) -> bool {
        let complaints = self.complaints.lock().expect("not poisoned");
        for complaint in complaints.iter().take(10) {
            note(complaint);
        }
        say(&format!("ERRORS {}", complaints.len()));
        complaints.is_empty()
    }
}

fn expect(response: Response, status: StatusCode) -> Result<Response, String> {
    if response.status() == status {
        Ok(response)
    } else {
        Err(format!("{}: {}", response.url().path(), response.status()))
    }
}

/// Whether a redirect leads on, and not back to the sign-in.
fn led_in(response: &Response) -> bool {
    response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|to| to.starts_with("/student"))
}

async fn read(response: Response) -> Result<String, String> {
    response.text().await.map_err(|error| error.to_string())
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> Result<String, String> {
    page.split_once(&format!("name=\"{name}\" value=\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value.to_owned())
        .ok_or_else(|| format!("the form has no {name}"))
}

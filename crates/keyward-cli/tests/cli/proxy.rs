//! A network between a client and the venue, which can be cut at an exact place.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request that the network does not survive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cut {
    /// It does not reach the venue.
    Before(&'static str),
    /// Its answer does not reach the client.
    After(&'static str),
}

/// How things are after the cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Then {
    /// As if nothing had been.
    Heal,
    /// No request reaches the venue any more.
    StayCut,
}

/// Forwards requests to the venue, one connection at a time there for each.
pub(crate) struct Proxy {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    plan: Option<(Cut, Then)>,
    /// How many requests of the cut's kind are let through before.
    spared: usize,
    is_cut: bool,
    /// Called at the cut, before the client notices.
    at_the_cut: Box<dyn FnMut() + Send>,
}

impl Proxy {
    pub(crate) fn start(venue_url: &str) -> Self {
        let venue: SocketAddr = venue_url.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State { plan: None, spared: 0, is_cut: false, at_the_cut: Box::new(|| {}) };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let state = Arc::clone(&shared);
                // A connection that breaks is what this is about.
                thread::spawn(move || client.and_then(|client| forward(client, venue, &state)));
            }
        });
        Self { url, state }
    }

    /// Cuts the network at `cut`, after `spared` other requests of that kind.
    pub(crate) fn cut(&self, cut: Cut, spared: usize, then: Then) {
        let mut state = self.state.lock().unwrap();
        (state.plan, state.spared) = (Some((cut, then)), spared);
    }

    /// What is done at the cut, before the client notices.
    pub(crate) fn at_the_cut(&self, action: impl FnMut() + Send + 'static) {
        self.state.lock().unwrap().at_the_cut = Box::new(action);
    }

    /// Lets everything through from now on; tells whether the network was cut at all.
    pub(crate) fn heal(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let was_cut = state.plan.is_none();
        (state.plan, state.is_cut) = (None, false);
        was_cut
    }
}

impl State {
    /// Whether the network is cut now, at this place of a request.
    fn reaches(&mut self, place: Cut, path: &str) -> bool {
        let is_planned = |cut: Cut| match (cut, place) {
            (Cut::Before(planned), Cut::Before(_)) | (Cut::After(planned), Cut::After(_)) => path.contains(planned),
            _ => false,
        };
        if let Some((cut, then)) = self.plan.filter(|(cut, _)| is_planned(*cut)) {
            let _ = cut;
            if self.spared > 0 {
                self.spared -= 1;
            } else {
                self.plan = None;
                self.is_cut = then == Then::StayCut;
                (self.at_the_cut)();
                return true;
            }
        }
        self.is_cut
    }
}

fn forward(client: TcpStream, venue: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let mut requests = BufReader::new(client.try_clone()?);
    let mut client = client;
    loop {
        let request = read_message(&mut requests)?;
        let first_line = String::from_utf8_lossy(request.split(|&byte| byte == b'\r').next().unwrap()).into_owned();
        if state.lock().unwrap().reaches(Cut::Before(""), &first_line) {
            return Ok(());
        }
        let mut upstream = TcpStream::connect(venue)?;
        upstream.write_all(&request)?;
        let answer = read_message(&mut BufReader::new(upstream))?;
        if state.lock().unwrap().reaches(Cut::After(""), &first_line) {
            return Ok(());
        }
        client.write_all(&answer)?;
    }
}

/// One HTTP message with the body that its `Content-Length` promises.
pub(crate) fn read_message(source: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let start = message.len();
        if source.read_until(b'\n', &mut message)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&message[start..]).to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
        }
        if line.trim_end().is_empty() {
            break;
        }
    }
    source.take(length).read_to_end(&mut message)?;
    Ok(message)
}

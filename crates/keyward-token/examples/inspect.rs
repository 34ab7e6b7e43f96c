//! Tells what the token on standard input says, but for its secret part.
//!
//! `cargo run -p keyward-token --example inspect < token.txt`

use std::error::Error;
use std::io;

use keyward_time::{Clock, SystemClock};
use keyward_token::{Token, Usability};

fn main() -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let token = Token::parse(line.trim_end())?;
    println!("{token:?}");
    match token.usability(SystemClock.now()) {
        Usability::Usable { until } => println!("usable until {until}"),
        Usability::NotYet { from } => println!("usable from {from} on"),
        Usability::Expired { since } => println!("expired at {since}"),
    }
    Ok(())
}

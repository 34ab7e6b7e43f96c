//! Prints the time slots of the days to come: `cargo run -p keyward-time --features std --example plan -- 2`

use std::error::Error;

use keyward_time::{Clock, SlotPlan, SystemClock, TimeSlot};

fn main() -> Result<(), Box<dyn Error>> {
    let days = std::env::args().nth(1).as_deref().unwrap_or("1").parse()?;
    let now = SystemClock.now();
    for slot in SlotPlan::for_days(TimeSlot::containing(now), days)? {
        println!("{slot} to {}", slot.end());
    }
    Ok(())
}

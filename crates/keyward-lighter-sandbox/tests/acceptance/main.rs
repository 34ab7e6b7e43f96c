//! The sandbox as its users meet it: through the official SDK, through this project's client, and by the guide.

mod client;
mod guide;
mod sandbox;
mod sdk;

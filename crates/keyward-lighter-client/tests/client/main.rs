//! The client against servers that play a script on this machine.

mod answers;
mod base_url;
mod calls;
mod retries;
mod sample;
mod scripted;
mod secrets;
mod streaming;
mod submitting;
mod tls;
mod token_source;

/// All may be used from any thread, and shared but for the stream.
#[test]
fn threads_may_share_what_is_made_for_it() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<keyward_lighter_client::Client>();
    shared::<keyward_lighter_client::Submitter>();
    shared::<keyward_lighter_client::TokenSource>();
    sent::<keyward_lighter_client::Stream>();
}

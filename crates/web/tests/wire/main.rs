//! Plays at the door for programs: bytes out, bytes in, and the JSON API, against a whole archive on throw-away storage.

mod api;
mod bytes_in;
mod bytes_out;
mod catalogues;
mod house;
mod oai;
mod odd_words;
mod parts;

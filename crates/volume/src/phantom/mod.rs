//! Volumes whose truth is known.

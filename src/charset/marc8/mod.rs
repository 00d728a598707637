//! MARC-8.

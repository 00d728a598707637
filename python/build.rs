//! Tells the binding which Python it is built for, as pyo3 is told.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}

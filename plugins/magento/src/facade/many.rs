//! `call` and `multiCall` of the service's first version: operations by their paths, several in one message.
//!
//! Each call has a result or a fault of its own, in its place; what one has done stays, whatever becomes of the next. With the
//! option `break` the first fault ends it, and so does whatever fails on our side.

use plugpoint_sdk::codes;
use plugpoint_sdk::facade::{FacadeError, FacadeFault};
use plugpoint_sdk::xml::Element;

use super::arguments::{Arguments, fields};
use super::product::{missing, required};
use super::value::Value;
use super::{Shop, service, words};

/// Calls in one message.
const CALLS_MAX: usize = 1000;

impl Shop<'_, '_> {
    pub(super) fn call(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let path = required(arguments, "resourcePath")?;
        Ok(self.at(path, arguments.get("args"))?.untyped())
    }

    pub(super) fn multi_call(&mut self, arguments: &Arguments<'_>) -> Result<Value, FacadeError> {
        let calls = arguments.get("calls").ok_or_else(|| missing("calls"))?;
        if calls.children().len() > CALLS_MAX {
            return Err(missing(&format!("more than {CALLS_MAX} calls are too many for one message")));
        }
        let ends_at_fault = arguments.get("options").is_some_and(|options| {
            fields(options).iter().any(|(name, value)| *name == "break" && matches!(value.text().trim(), "1" | "true"))
        });
        let mut results = Vec::new();
        for call in calls.children() {
            let result = match self.one(call) {
                // Something of ours has failed: the operator has to hear of it, which a fault among results would prevent.
                Err(FacadeError::Failed(error)) if error.code.status != codes::UNAVAILABLE.status => {
                    return Err(error.into());
                }
                other => other,
            };
            let is_fault = result.is_err();
            results.push(result.map_or_else(fault, Value::untyped));
            if is_fault && ends_at_fault {
                break;
            }
        }
        Ok(Value::Mixed(results))
    }

    /// One call: its path, and behind it its arguments.
    fn one(&mut self, call: &Element) -> Result<Value, FacadeError> {
        let (path, arguments) = match call.children() {
            [] => (call.text(), None),
            [path, arguments @ ..] => (path.text(), arguments.first()),
        };
        match path.trim() {
            "" => Err(missing("a call without a path")),
            path => self.at(path, arguments),
        }
    }

    fn at(&mut self, path: &str, arguments: Option<&Element>) -> Result<Value, FacadeError> {
        let operation = service::operation_at(path).ok_or_else(|| words::PATH_INVALID.fault(""))?;
        self.work(operation, &Arguments::of_call(arguments, operation))
    }
}

/// A fault in the place of a result.
fn fault(error: FacadeError) -> Value {
    let FacadeFault { code, text, .. } = match error {
        FacadeError::Fault(fault) => fault,
        FacadeError::Failed(error) => words::BUSY.fault(&error.detail),
    };
    Value::Map(vec![
        ("isFault", Value::Bool(true)),
        ("faultCode", Value::Text(code)),
        ("faultMessage", Value::Text(text)),
    ])
}

//! Runs of content of which a glance tells all there is to know: start tags that are a name, text without references, end tags.
//!
//! Part of the scanner. Nearly all of a catalog is such, and is passed on in pieces of a window's size instead of token by token.
//! Whatever is anything else, or wrong, or not whole in the window, ends the run: [`Scanner::next`] judges it.

use std::io::Read;

use super::{Inside, Scanner};
use crate::envelope::syntax::{self, Stop};

impl<R: Read> Scanner<R> {
    /// Makes the plain content that follows the current token, and is there, the current token. It ends before the end tag that
    /// closes the `outer`th element. False, with an empty token, if there is none.
    pub(crate) fn plain_run(&mut self, outer: usize) -> bool {
        self.window.pass();
        if std::mem::take(&mut self.closes_after_token) {
            self.scopes.close();
        }
        if self.inside != Inside::Content {
            return false;
        }
        let rest = self.window.rest();
        let mut length = 0;
        while let Some(next) = rest.get(length..) {
            let taken = match next {
                [b'<', b'/', ..] if self.scopes.depth() > outer => self.scopes.closed_by(next),
                [b'<', b'/' | b'!' | b'?', ..] => None,
                [b'<', tag @ ..] if self.scopes.depth() < self.limits.depth_max => {
                    self.scopes.opened_by(tag, self.limits.name_bytes_max)
                }
                [b'<', ..] => None,
                text => match syntax::plain_text(text) {
                    (bytes, Stop::Markup) => Some(bytes),
                    _ => None,
                },
            };
            match taken {
                Some(bytes) => length += bytes,
                None => break,
            }
        }
        self.window.take(length);
        length > 0
    }
}

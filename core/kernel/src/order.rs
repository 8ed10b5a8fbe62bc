//! Sorts what must stand before what, and finds the circles where that is impossible.
//!
//! Used by the commit for each chain. It knows only numbers; ties go to the lowest, so the caller's numbering is the
//! tie-break, and nothing else can influence the result.

use std::collections::BTreeSet;

/// `0` stands before `1`.
pub(crate) type Edge = (usize, usize);

/// Numbers 0 to `count - 1` so that every edge holds, lowest first where the edges leave a choice.
///
/// # Errors
/// Circles, one for each knot of edges: the numbers of each in order, so that each stands before the next and the last before
/// the first; it begins with its lowest.
pub(crate) fn sorted(count: usize, edges: &BTreeSet<Edge>) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut waiting_for: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for &(before, after) in edges {
        waiting_for[after].insert(before);
    }
    let mut open: BTreeSet<usize> = (0..count).collect();
    let (mut order, mut circles) = (Vec::with_capacity(count), Vec::new());
    while !open.is_empty() {
        if let Some(next) = open.iter().copied().find(|&node| waiting_for[node].is_disjoint(&open)) {
            open.remove(&next);
            order.push(next);
        } else {
            // Nothing is free, so every open number waits for an open one. Taking the circle out frees what waits for it.
            let circle = circle(&waiting_for, &open);
            circle.iter().for_each(|node| _ = open.remove(node));
            circles.push(circle);
        }
    }
    if circles.is_empty() { Ok(order) } else { Err(circles) }
}

/// Walks from the lowest open number to what it waits for, until a number comes again.
fn circle(waiting_for: &[BTreeSet<usize>], open: &BTreeSet<usize>) -> Vec<usize> {
    let mut walk: Vec<usize> = open.iter().copied().take(1).collect();
    loop {
        let last = walk[walk.len() - 1];
        let Some(&next) = waiting_for[last].intersection(open).next() else { return walk };
        if let Some(start) = walk.iter().position(|&node| node == next) {
            let mut circle = walk.split_off(start);
            circle.reverse();
            let lowest = circle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(index, _)| index);
            circle.rotate_left(lowest);
            return circle;
        }
        walk.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sorts_or_names_the_circles() {
        type Case<'a> = (usize, &'a [Edge], Result<Vec<usize>, Vec<Vec<usize>>>);
        let cases: [Case<'_>; 8] = [
            (0, &[], Ok(vec![])),
            (3, &[], Ok(vec![0, 1, 2])),
            (3, &[(2, 0)], Ok(vec![1, 2, 0])),
            (4, &[(3, 2), (2, 1), (1, 0)], Ok(vec![3, 2, 1, 0])),
            (1, &[(0, 0)], Err(vec![vec![0]])),
            (2, &[(0, 1), (1, 0)], Err(vec![vec![0, 1]])),
            (4, &[(0, 1), (1, 2), (2, 1), (2, 3)], Err(vec![vec![1, 2]])),
            (5, &[(1, 3), (3, 1), (4, 2), (2, 4), (4, 0)], Err(vec![vec![2, 4], vec![1, 3]])),
        ];
        for (count, edges, expected) in cases {
            assert_eq!(sorted(count, &edges.iter().copied().collect()), expected, "{edges:?}");
        }
    }

    proptest! {
        #[test]
        fn every_edge_holds_or_every_circle_is_one(edges in prop::collection::btree_set((0..8_usize, 0..8_usize), 0..16)) {
            match sorted(8, &edges) {
                Ok(order) => {
                    let place = |node| order.iter().position(|&it| it == node);
                    prop_assert_eq!(order.len(), 8);
                    for (before, after) in edges {
                        prop_assert!(place(before) < place(after));
                    }
                }
                Err(circles) => {
                    for circle in circles {
                        let nexts = circle.iter().cycle().skip(1);
                        for (&node, &next) in circle.iter().zip(nexts) {
                            prop_assert!(edges.contains(&(node, next)));
                        }
                    }
                }
            }
        }
    }
}

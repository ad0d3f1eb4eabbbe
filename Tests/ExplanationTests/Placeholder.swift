// Tests of the room Explanation.

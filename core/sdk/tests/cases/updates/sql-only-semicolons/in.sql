-- step: a
-- nothing
 ; ;
